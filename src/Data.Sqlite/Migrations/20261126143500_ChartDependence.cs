using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ChartDependence : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "depends_on_json",
                table: "chart_versions",
                type: "TEXT",
                maxLength: -1,
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "depends_on_json",
                table: "chart_versions");
        }
    }
}
