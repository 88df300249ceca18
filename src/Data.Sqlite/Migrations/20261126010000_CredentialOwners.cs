using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Portkey.Portal.Data.Sqlite.Migrations;

/// <summary>Whose the secrets of before are: their environment's team's, or that of the proposal that stored them. The model is unchanged.</summary>
[DbContext(typeof(PortalDbContext))]
[Migration("20261126010000_CredentialOwners")]
public sealed class CredentialOwners : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        UPDATE secret_references SET team_id = COALESCE(
            (SELECT e.team_id FROM environments e WHERE e.id = secret_references.environment_id),
            (SELECT r.team_id FROM change_requests r WHERE r.environment_id = secret_references.environment_id ORDER BY r.id LIMIT 1))
        WHERE team_id IS NULL AND environment_id IS NOT NULL;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        // Nothing to take back: what it filled in stays true.
    }
}
