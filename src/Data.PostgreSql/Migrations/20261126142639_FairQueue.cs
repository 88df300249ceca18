using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class FairQueue : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "helm_revision",
                table: "operations",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "wait_until",
                table: "operations",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "waiting_for",
                table: "operations",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "queue_turns",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_queue_turns", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_environments_lease_until",
                table: "environments",
                column: "lease_until",
                filter: "lease_until IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "queue_turns");

            migrationBuilder.DropIndex(
                name: "ix_environments_lease_until",
                table: "environments");

            migrationBuilder.DropColumn(
                name: "helm_revision",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "wait_until",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "waiting_for",
                table: "operations");
        }
    }
}
