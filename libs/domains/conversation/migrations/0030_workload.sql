-- How many open conversations somebody has is counted in the index alone.
create index on conversations (workspace, assignee, assignee_type) where status = 'open' and assignee is not null;
