/** NDJSON of conversations in the shape that the import takes, four messages each, none like those of another file. */
export function importFile(conversations: number): string {
  const file = crypto.randomUUID().slice(0, 8);
  const start = Date.parse('2024-01-01T00:00:00.000Z');
  const lines: string[] = [];
  for (let n = 0; n < conversations; n++) {
    const customer = `cust_${file}_${n % 5000}`;
    const messages = Array.from({ length: 4 }, (_, i) => ({
      id: `msg_${file}_${n}_${i}`,
      at: new Date(start + n * 60_000 + i * 1000).toISOString(),
      author: i % 2 === 0 ? { type: 'customer', id: customer } : { type: 'agent', id: 'Example' },
      text: `Message ${i} of conversation ${n}: the parcel has not arrived, and the page shows nothing new.`,
    }));
    lines.push(
      JSON.stringify({
        organization: 'Example',
        conversation: `conv_${file}_${n}`,
        channel: 'email',
        customer,
        messages,
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}
