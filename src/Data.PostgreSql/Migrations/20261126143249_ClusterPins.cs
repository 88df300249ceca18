using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class ClusterPins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "pin_seal",
                table: "clusters",
                type: "character varying(64)",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_authority",
                table: "clusters",
                type: "character varying(600)",
                maxLength: 600,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_server",
                table: "clusters",
                type: "character varying(500)",
                maxLength: 500,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_uid",
                table: "clusters",
                type: "character varying(64)",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateIndex(
                name: "ix_clusters_pinned_uid",
                table: "clusters",
                column: "pinned_uid",
                unique: true,
                filter: "pinned_uid <> ''");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_clusters_pinned_uid",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "pin_seal",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "pinned_authority",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "pinned_server",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "pinned_uid",
                table: "clusters");
        }
    }
}
