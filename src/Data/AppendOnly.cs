namespace Portkey.Portal.Data;

/// <summary>SQL that makes tables append-only, for the migrations of each provider.</summary>
public static class AppendOnly
{
    /// <summary>Triggers for SQLite. INSERT OR REPLACE removes the old row without firing the DELETE trigger, so inserts are checked,
    /// too.</summary>
    public static IReadOnlyList<string> Sqlite { get; } =
    [
        .. OfSqlite("audit_events", "id = NEW.id OR (chain = NEW.chain AND \"index\" = NEW.\"index\")"),
        .. OfSqlite("bootstrap_ends", "true"),
    ];

    /// <summary>Triggers for PostgreSQL; TRUNCATE bypasses row triggers, so they are per statement.</summary>
    public static IReadOnlyList<string> PostgreSql { get; } = [.. OfPostgreSql("audit_events"), .. OfPostgreSql("bootstrap_ends")];

    /// <summary>Functions that <see cref="PostgreSql"/> makes; they outlive their tables.</summary>
    public static IReadOnlyList<string> PostgreSqlFunctions { get; } = ["audit_events_refuse", "bootstrap_ends_refuse"];

    private static string[] OfSqlite(string table, string same) =>
        [
            $"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
            $"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
            $"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
        ];

    private static string[] OfPostgreSql(string table) =>
        [
            $"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$;",
            $"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();",
        ];
}
