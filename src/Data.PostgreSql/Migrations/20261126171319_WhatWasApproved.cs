using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class WhatWasApproved : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "first_seen_at",
                table: "people",
                type: "timestamp with time zone",
                nullable: true);

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

            migrationBuilder.AddColumn<DateTime>(
                name: "endpoints_claimed_at",
                table: "clusters",
                type: "timestamp with time zone",
                nullable: true);

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

            migrationBuilder.AddColumn<string>(
                name: "depends_on_json",
                table: "chart_versions",
                type: "text",
                maxLength: -1,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "audit_seal_streams",
                columns: table => new
                {
                    stream = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    host = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    folder = table.Column<string>(type: "character varying(4096)", maxLength: 4096, nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    mac = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_seal_streams", x => x.stream);
                });

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
                name: "endpoint_claims",
                columns: table => new
                {
                    cluster_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    value = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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

            migrationBuilder.CreateTable(
                name: "portal_keys",
                columns: table => new
                {
                    purpose = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    wrapped = table.Column<byte[]>(type: "bytea", nullable: false),
                    wrapped_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    fingerprint = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_portal_keys", x => new { x.purpose, x.id });
                });

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

            migrationBuilder.CreateTable(
                name: "security_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    last_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    person_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    source_address = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    method = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    path = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    correlation_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    user_agent = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_security_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    key_hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    person_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    ticket = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    source_address = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    user_agent = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ended_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_environments_lease_until",
                table: "environments",
                column: "lease_until",
                filter: "lease_until IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_clusters_pinned_uid",
                table: "clusters",
                column: "pinned_uid",
                unique: true,
                filter: "pinned_uid <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_audit_seal_streams_host_folder",
                table: "audit_seal_streams",
                columns: new[] { "host", "folder" });

            migrationBuilder.CreateIndex(
                name: "ix_endpoint_claims_environment_id",
                table: "endpoint_claims",
                column: "environment_id");

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

            migrationBuilder.CreateIndex(
                name: "ix_security_events_at",
                table: "security_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_security_events_kind_id",
                table: "security_events",
                columns: new[] { "kind", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_security_events_person_id_id",
                table: "security_events",
                columns: new[] { "person_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_security_events_source_address_id",
                table: "security_events",
                columns: new[] { "source_address", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_expires_at",
                table: "sessions",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_key_hash",
                table: "sessions",
                column: "key_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_sessions_person_id_id",
                table: "sessions",
                columns: new[] { "person_id", "id" });

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
                name: "audit_seal_streams");

            migrationBuilder.DropTable(
                name: "bootstrap_ends");

            migrationBuilder.Sql("DROP FUNCTION bootstrap_ends_refuse();");

            migrationBuilder.DropTable(
                name: "endpoint_claims");

            migrationBuilder.DropTable(
                name: "governance_changes");

            migrationBuilder.DropTable(
                name: "portal_keys");

            migrationBuilder.DropTable(
                name: "queue_turns");

            migrationBuilder.DropTable(
                name: "security_events");

            migrationBuilder.DropTable(
                name: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_environments_lease_until",
                table: "environments");

            migrationBuilder.DropIndex(
                name: "ix_clusters_pinned_uid",
                table: "clusters");

            migrationBuilder.DropColumn(
                name: "first_seen_at",
                table: "people");

            migrationBuilder.DropColumn(
                name: "helm_revision",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "wait_until",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "waiting_for",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "endpoints_claimed_at",
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

            migrationBuilder.DropColumn(
                name: "depends_on_json",
                table: "chart_versions");
        }
    }
}
