namespace Portkey.Portal.Data;

/// <summary>SQL that makes the audit table append-only, for the migrations of each provider.</summary>
public static class AppendOnly
{
    /// <summary>Triggers for SQLite.</summary>
    public static IReadOnlyList<string> Sqlite { get; } =
    [
        "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;",
        "CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;",
    ];

    /// <summary>For SQLite: INSERT OR REPLACE takes the old row away without asking the DELETE trigger.</summary>
    public static string SqliteNoReplace { get; } =
        "CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR (chain = NEW.chain AND \"index\" = NEW.\"index\")) BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;";

    /// <summary>Triggers for PostgreSQL; TRUNCATE bypasses row triggers, so they are per statement.</summary>
    public static IReadOnlyList<string> PostgreSql { get; } =
    [
        """
        CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit_events is append-only'; END $$;
        """,
        "CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();",
    ];

    /// <summary>For SQLite: the end of the bootstrap stays.</summary>
    public static IReadOnlyList<string> SqliteBootstrap { get; } =
    [
        "CREATE TRIGGER bootstrap_ends_no_update BEFORE UPDATE ON bootstrap_ends BEGIN SELECT RAISE(ABORT, 'bootstrap_ends is append-only'); END;",
        "CREATE TRIGGER bootstrap_ends_no_delete BEFORE DELETE ON bootstrap_ends BEGIN SELECT RAISE(ABORT, 'bootstrap_ends is append-only'); END;",
        "CREATE TRIGGER bootstrap_ends_no_replace BEFORE INSERT ON bootstrap_ends WHEN EXISTS (SELECT 1 FROM bootstrap_ends) BEGIN SELECT RAISE(ABORT, 'bootstrap_ends is append-only'); END;",
    ];

    /// <summary>For PostgreSQL.</summary>
    public static IReadOnlyList<string> PostgreSqlBootstrap { get; } =
    [
        """
        CREATE FUNCTION bootstrap_ends_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'bootstrap_ends is append-only'; END $$;
        """,
        "CREATE TRIGGER bootstrap_ends_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bootstrap_ends FOR EACH STATEMENT EXECUTE FUNCTION bootstrap_ends_refuse();",
    ];
}
