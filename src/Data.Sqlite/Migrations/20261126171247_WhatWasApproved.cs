using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.Sqlite.Migrations
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
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "helm_revision",
                table: "operations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "wait_until",
                table: "operations",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "waiting_for",
                table: "operations",
                type: "TEXT",
                maxLength: 1000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTime>(
                name: "endpoints_claimed_at",
                table: "clusters",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "pin_seal",
                table: "clusters",
                type: "TEXT",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_authority",
                table: "clusters",
                type: "TEXT",
                maxLength: 600,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_server",
                table: "clusters",
                type: "TEXT",
                maxLength: 500,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "pinned_uid",
                table: "clusters",
                type: "TEXT",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "depends_on_json",
                table: "chart_versions",
                type: "TEXT",
                maxLength: -1,
                nullable: false,
                defaultValue: "");

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
                name: "bootstrap_ends",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    administrators = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_bootstrap_ends", x => x.id);
                });

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

            migrationBuilder.CreateTable(
                name: "governance_changes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    target_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    target_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    summary = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    before_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    after_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    payload_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    content_digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    seal = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    is_bootstrap = table.Column<bool>(type: "INTEGER", nullable: false),
                    proposed_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    proposed_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    decided_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    decided_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_governance_changes", x => x.id);
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

            migrationBuilder.CreateTable(
                name: "queue_turns",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_queue_turns", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "security_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    last_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    count = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    source_address = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    method = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    path = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    correlation_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    user_agent = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_security_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    key_hash = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    ticket = table.Column<byte[]>(type: "BLOB", nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    last_seen_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    source_address = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    user_agent = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ended_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
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
            foreach (var statement in AppendOnly.SqliteBootstrap)
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
