create table tally (
  projection text not null,
  stream text not null,
  events integer not null,
  sum_of_seqs bigint not null,
  last_seq integer not null,
  primary key (projection, stream)
) with (fillfactor = 80);
