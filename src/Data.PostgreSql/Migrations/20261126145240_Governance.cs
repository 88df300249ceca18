using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class Governance : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "first_seen_at",
                table: "people",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "bootstrap_ends",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    administrators = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_bootstrap_ends", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "governance_changes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    target_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    target_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    summary = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    before_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    after_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    payload_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    vault_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    vault_version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    content_digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    seal = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    is_bootstrap = table.Column<bool>(type: "boolean", nullable: false),
                    proposed_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    proposed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    decided_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    decided_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_governance_changes", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_governance_changes_kind_target_id",
                table: "governance_changes",
                columns: new[] { "kind", "target_id" },
                unique: true,
                filter: "state = 'Pending'");

            migrationBuilder.CreateIndex(
                name: "ix_governance_changes_state_id",
                table: "governance_changes",
                columns: new[] { "state", "id" });

            // Whoever is here has signed in before, but for the made-up people of Development, who are rows that nobody may have used.
            migrationBuilder.Sql("UPDATE people SET first_seen_at = CURRENT_TIMESTAMP WHERE id NOT IN ('lead-payments', 'lead-search', 'admin-1', 'admin-2', 'auditor', 'admin-lead');");
            foreach (var statement in AppendOnly.PostgreSqlBootstrap)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "bootstrap_ends");
            migrationBuilder.Sql("DROP FUNCTION bootstrap_ends_refuse();");

            migrationBuilder.DropTable(
                name: "governance_changes");

            migrationBuilder.DropColumn(
                name: "first_seen_at",
                table: "people");
        }
    }
}
