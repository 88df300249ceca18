using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Portkey.Portal.Data.Sqlite.Migrations;

/// <summary>Closes the audit table to INSERT OR REPLACE. The model is unchanged.</summary>
[DbContext(typeof(PortalDbContext))]
[Migration("20261124090000_AuditNoReplace")]
public sealed class AuditNoReplace : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(AppendOnly.SqliteNoReplace);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TRIGGER audit_events_no_replace;");
}
