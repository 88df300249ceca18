using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class EndpointClaims : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "endpoints_claimed_at",
                table: "clusters",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "endpoint_claims",
                columns: table => new
                {
                    cluster_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    value = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_endpoint_claims", x => new { x.cluster_id, x.kind, x.value });
                    table.ForeignKey(
                        name: "fk_endpoint_claims_clusters_cluster_id",
                        column: x => x.cluster_id,
                        principalTable: "clusters",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_endpoint_claims_environment_id",
                table: "endpoint_claims",
                column: "environment_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "endpoint_claims");

            migrationBuilder.DropColumn(
                name: "endpoints_claimed_at",
                table: "clusters");
        }
    }
}
