using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class PortalKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_seal_streams",
                columns: table => new
                {
                    stream = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    host = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    folder = table.Column<string>(type: "TEXT", maxLength: 4096, nullable: false),
                    number = table.Column<long>(type: "INTEGER", nullable: false),
                    mac = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_seal_streams", x => x.stream);
                });

            migrationBuilder.CreateTable(
                name: "portal_keys",
                columns: table => new
                {
                    purpose = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    wrapped = table.Column<byte[]>(type: "BLOB", nullable: false),
                    wrapped_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    fingerprint = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_portal_keys", x => new { x.purpose, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_seal_streams_host_folder",
                table: "audit_seal_streams",
                columns: new[] { "host", "folder" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_seal_streams");

            migrationBuilder.DropTable(
                name: "portal_keys");
        }
    }
}
