-- Whether there ever was a value in a custom field: most have none, and need not be looked for.
alter table conversations add column has_fields boolean not null default false;
