using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class Preflights : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "preflight_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    requested_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    owner = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    lease_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    results_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    warnings = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_preflight_runs", x => x.id);
                    table.ForeignKey(
                        name: "fk_preflight_runs_change_requests_change_request_id",
                        column: x => x.change_request_id,
                        principalTable: "change_requests",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_preflight_runs_change_request_id_id",
                table: "preflight_runs",
                columns: new[] { "change_request_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_preflight_runs_state_id",
                table: "preflight_runs",
                columns: new[] { "state", "id" },
                filter: "state <> 'Finished'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "preflight_runs");
        }
    }
}
