"""The partition of a key as Kafka's own clients choose it: murmur2, then without the sign, modulo the partitions."""

MASK = 0xFFFFFFFF
M = 0x5BD1E995


def murmur2(data):
    """https://github.com/aappleby/smhasher, MurmurHash2, with the seed of org.apache.kafka.common.utils.Utils."""
    h = (0x9747B28C ^ len(data)) & MASK
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * M & MASK
        k = (k ^ (k >> 24)) * M & MASK
        h = (h * M & MASK) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * M & MASK
    h = (h ^ (h >> 13)) * M & MASK
    return h ^ (h >> 15)


def partition_of(key, partitions):
    return (murmur2(key) & 0x7FFFFFFF) % partitions
