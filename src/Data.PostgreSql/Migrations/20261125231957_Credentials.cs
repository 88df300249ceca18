using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class Credentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "disabled_at",
                table: "secret_versions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "expires_at",
                table: "secret_versions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AlterColumn<Guid>(
                name: "environment_id",
                table: "secret_references",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AddColumn<DateTime>(
                name: "due_at",
                table: "secret_references",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_unattended",
                table: "secret_references",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "name",
                table: "secret_references",
                type: "character varying(400)",
                maxLength: 400,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "provider",
                table: "secret_references",
                type: "character varying(400)",
                maxLength: 400,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "provider_json",
                table: "secret_references",
                type: "character varying(4000)",
                maxLength: 4000,
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<int>(
                name: "reminded_days",
                table: "secret_references",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "rotate_before_days",
                table: "secret_references",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "rotate_every_days",
                table: "secret_references",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "team_id",
                table: "secret_references",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "window",
                table: "secret_references",
                type: "character varying(400)",
                maxLength: 400,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTime>(
                name: "soak_until",
                table: "operations",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "secret_sync",
                table: "clusters",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "Portal");

            migrationBuilder.AddColumn<string>(
                name: "secret_sync_json",
                table: "clusters",
                type: "character varying(2000)",
                maxLength: 2000,
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.CreateTable(
                name: "rotations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_number = table.Column<int>(type: "integer", nullable: false),
                    to_number = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    wave_size = table.Column<int>(type: "integer", nullable: false),
                    content_digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    reason = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    requested_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    decided_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    decided_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    outcome = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rotations", x => x.id);
                    table.ForeignKey(
                        name: "fk_rotations_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "secret_anomalies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    vault_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    vault_version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "uuid", nullable: true),
                    detail = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    since = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_anomalies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "secret_uses",
                columns: table => new
                {
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_uses", x => new { x.environment_id, x.key });
                    table.ForeignKey(
                        name: "fk_secret_uses_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rotation_member",
                columns: table => new
                {
                    rotation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    wave = table.Column<int>(type: "integer", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_rotation_member", x => new { x.rotation_id, x.environment_id });
                    table.ForeignKey(
                        name: "fk_rotation_member_rotations_rotation_id",
                        column: x => x.rotation_id,
                        principalTable: "rotations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_due_at",
                table: "secret_references",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_key_id",
                table: "secret_references",
                columns: new[] { "key", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_name",
                table: "secret_references",
                column: "name",
                unique: true,
                filter: "name <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_team_id_key_id",
                table: "secret_references",
                columns: new[] { "team_id", "key", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_rotation_member_change_request_id",
                table: "rotation_member",
                column: "change_request_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_rotation_member_environment_id",
                table: "rotation_member",
                column: "environment_id");

            migrationBuilder.CreateIndex(
                name: "ix_rotations_secret_reference_id_id",
                table: "rotations",
                columns: new[] { "secret_reference_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_rotations_state_id",
                table: "rotations",
                columns: new[] { "state", "id" },
                filter: "state in ('Pending', 'Running')");

            migrationBuilder.CreateIndex(
                name: "ix_secret_anomalies_secret_reference_id",
                table: "secret_anomalies",
                column: "secret_reference_id");

            migrationBuilder.CreateIndex(
                name: "ix_secret_anomalies_vault_name_vault_version_kind",
                table: "secret_anomalies",
                columns: new[] { "vault_name", "vault_version", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_secret_uses_secret_reference_id",
                table: "secret_uses",
                column: "secret_reference_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "rotation_member");

            migrationBuilder.DropTable(
                name: "secret_anomalies");

            migrationBuilder.DropTable(
                name: "secret_uses");

            migrationBuilder.DropTable(
                name: "rotations");

            migrationBuilder.DropIndex(
                name: "ix_secret_references_due_at",
                table: "secret_references");

            migrationBuilder.DropIndex(
                name: "ix_secret_references_key_id",
                table: "secret_references");

            migrationBuilder.DropIndex(
                name: "ix_secret_references_name",
                table: "secret_references");

            migrationBuilder.DropIndex(
                name: "ix_secret_references_team_id_key_id",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "disabled_at",
                table: "secret_versions");

            migrationBuilder.DropColumn(
                name: "expires_at",
                table: "secret_versions");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "is_unattended",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "name",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "provider",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "provider_json",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "reminded_days",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "rotate_before_days",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "rotate_every_days",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "team_id",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "window",
                table: "secret_references");

            migrationBuilder.DropColumn(
                name: "soak_until",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "secret_sync",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "secret_sync_json",
                table: "clusters");

            migrationBuilder.AlterColumn<Guid>(
                name: "environment_id",
                table: "secret_references",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);
        }
    }
}
