// Six processes that start at once on a busy machine take longer than the two minutes that others are given.
import.meta.jest.setTimeout(240_000);
