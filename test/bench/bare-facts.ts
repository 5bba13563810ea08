import type pg from 'pg';

/** A table equal to `analytics.conversation_facts`, and the bare upsert of its rows, which are at hand in memory. */
export class BareFacts {
  private constructor(
    private readonly client: pg.Client,
    private readonly names: readonly string[],
    private readonly text: string,
    private readonly rows: ReadonlyMap<string, Record<string, string>>,
  ) {}

  static async create(client: pg.Client): Promise<BareFacts> {
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = 'analytics.conversation_facts'::regclass and attnum > 0 and not attisdropped order by attnum`,
    );
    const names = columns.map((column) => column.name);
    const asText = names.map((name) => `${name}::text as ${name}`).join(', ');
    const { rows } = await client.query<Record<string, string>>(`select ${asText} from analytics.conversation_facts`);
    await client.query('drop schema if exists bare cascade');
    await client.query('create schema bare');
    await client.query('create table bare.facts (like analytics.conversation_facts including all)');
    const updates = names.slice(1).map((name) => `${name} = excluded.${name}`);
    const text = `insert into bare.facts (${names.join(', ')})
      select * from unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')}) order by 1
      on conflict (conversation) do update set ${updates.join(', ')}`;
    return new BareFacts(client, names, text, new Map(rows.map((row) => [row.conversation!, row])));
  }

  /** The columns of the rows of some conversations, by their uuids. */
  valuesOf(streams: ReadonlySet<string>): (string | null)[][] {
    const touched = [...streams].map((stream) => this.rows.get(stream)!);
    return this.names.map((name) => touched.map((row) => row[name] ?? null));
  }

  /** One statement and one commit. */
  async upsert(values: (string | null)[][]): Promise<void> {
    await this.client.query({ name: 'upsert', text: this.text, values });
  }

  async drop(): Promise<void> {
    await this.client.query('drop schema bare cascade');
  }
}
