// Six processes that start at once on a busy machine take longer than the half minute that others are given.
import.meta.jest.setTimeout(120_000);
