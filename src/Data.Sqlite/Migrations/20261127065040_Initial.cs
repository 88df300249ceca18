using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portkey.Portal.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_chain_heads",
                columns: table => new
                {
                    chain = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    index = table.Column<long>(type: "INTEGER", nullable: false),
                    hash = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_chain_heads", x => x.chain);
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    chain = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    index = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    action = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    target_kind = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    target_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    target_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    team_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    before_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    after_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    request_digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    correlation_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    source_address = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    previous_hash = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    hash = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_events", x => x.id);
                });

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
                name: "chart_versions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    edition = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    source = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    location = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    app_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    image_tag = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    settings_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false, defaultValue: ""),
                    depends_on_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false, defaultValue: ""),
                    pod_security_waiver = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false, defaultValue: ""),
                    is_default = table.Column<bool>(type: "INTEGER", nullable: false),
                    retired_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    retired_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    retired_reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    registered_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    registered_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_chart_versions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "clusters",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    kubeconfig_source = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    pinned_server = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false, defaultValue: ""),
                    pinned_authority = table.Column<string>(type: "TEXT", maxLength: 600, nullable: false, defaultValue: ""),
                    pinned_uid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false, defaultValue: ""),
                    pin_seal = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false, defaultValue: ""),
                    service_addresses_reachable = table.Column<bool>(type: "INTEGER", nullable: false),
                    secret_delivery = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false, defaultValue: "Portal"),
                    secret_delivery_store_store_kind = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    secret_delivery_store_store_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    secret_delivery_store_refresh_interval = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    secret_delivery_store_vault = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    secret_delivery_store_tenant_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    secret_delivery_store_client_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    secret_delivery_store_had_external_secrets = table.Column<bool>(type: "INTEGER", nullable: false, defaultValue: false),
                    secret_delivery_store_had_secrets_store_csi = table.Column<bool>(type: "INTEGER", nullable: false, defaultValue: false),
                    preflight_jobs = table.Column<bool>(type: "INTEGER", nullable: false),
                    zones = table.Column<int>(type: "INTEGER", nullable: false),
                    nodes_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false, defaultValue: "[]"),
                    server_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    last_seen_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    last_error = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    is_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    endpoints_claimed_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_clusters", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "drafts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    updated_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drafts", x => x.id);
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
                name: "idempotency_records",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    request_hash = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    result_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_records", x => new { x.person_id, x.key });
                });

            migrationBuilder.CreateTable(
                name: "imports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    view_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    used_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_imports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "people",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    is_administrator = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_auditor = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    first_seen_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_people", x => x.id);
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
                name: "profiles",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    description = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    order = table.Column<int>(type: "INTEGER", nullable: false),
                    replicas = table.Column<int>(type: "INTEGER", nullable: false),
                    max_replicas = table.Column<int>(type: "INTEGER", nullable: false),
                    zones = table.Column<int>(type: "INTEGER", nullable: false),
                    cpu_request = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    cpu_limit = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    memory_request = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    memory_limit = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    node_cpu = table.Column<int>(type: "INTEGER", nullable: false),
                    node_memory_gi_b = table.Column<int>(type: "INTEGER", nullable: false),
                    grace_seconds = table.Column<int>(type: "INTEGER", nullable: false, defaultValue: 30),
                    built_in_redis_allowed = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_profiles", x => x.name);
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
                name: "secret_anomalies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    detail = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    since = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_anomalies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "secret_references",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    team_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    last_rotated_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    rotate_every_days = table.Column<int>(type: "INTEGER", nullable: true),
                    rotate_before_days = table.Column<int>(type: "INTEGER", nullable: true),
                    due_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    window = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    is_unattended = table.Column<bool>(type: "INTEGER", nullable: false),
                    provider = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    unattended_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    unattended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    rotate_not_before = table.Column<DateTime>(type: "TEXT", nullable: true),
                    lease_owner = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    lease_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    lease_epoch = table.Column<long>(type: "INTEGER", nullable: false, defaultValue: 0L),
                    version = table.Column<Guid>(type: "TEXT", nullable: false),
                    reminded_days = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_references", x => x.id);
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

            migrationBuilder.CreateTable(
                name: "teams",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_teams", x => x.id);
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
                name: "import_secrets",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    import_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_import_secrets", x => new { x.import_id, x.key });
                    table.ForeignKey(
                        name: "fk_import_secrets_imports_import_id",
                        column: x => x.import_id,
                        principalTable: "imports",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "issue_requests",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    source_address = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    correlation_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    number = table.Column<int>(type: "INTEGER", nullable: true),
                    code = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    message = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_issue_requests", x => x.id);
                    table.ForeignKey(
                        name: "fk_issue_requests_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "provider_marks",
                columns: table => new
                {
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    mark = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provider_marks", x => new { x.secret_reference_id, x.mark });
                    table.ForeignKey(
                        name: "fk_provider_marks_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "provider_settings",
                columns: table => new
                {
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    value = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_provider_settings", x => new { x.secret_reference_id, x.name });
                    table.ForeignKey(
                        name: "fk_provider_settings_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "rotations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from_number = table.Column<int>(type: "INTEGER", nullable: false),
                    to_number = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    wave_size = table.Column<int>(type: "INTEGER", nullable: false),
                    content_digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    decided_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    decided_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    outcome = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
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
                name: "secret_uses",
                columns: table => new
                {
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false)
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
                name: "secret_versions",
                columns: table => new
                {
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false, defaultValue: ""),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    created_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    disabled_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    provider_mark = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_versions", x => new { x.secret_reference_id, x.number });
                    table.ForeignKey(
                        name: "fk_secret_versions_secret_references_secret_reference_id",
                        column: x => x.secret_reference_id,
                        principalTable: "secret_references",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "change_requests",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    team_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    cluster_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", maxLength: 400, nullable: false),
                    base_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    profile = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    spec_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    storage_account = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    chart_version_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    values_yaml = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    manifest_yaml = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    content_digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    findings_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    policy_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    decided_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    operation_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    outcome = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: false),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_change_requests", x => x.id);
                    table.ForeignKey(
                        name: "fk_change_requests_chart_versions_chart_version_id",
                        column: x => x.chart_version_id,
                        principalTable: "chart_versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_change_requests_clusters_cluster_id",
                        column: x => x.cluster_id,
                        principalTable: "clusters",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_change_requests_teams_team_id",
                        column: x => x.team_id,
                        principalTable: "teams",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "environments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    team_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", maxLength: 400, nullable: false),
                    release_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    edition = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    profile = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    approved_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    applied_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    health = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    health_reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    health_since = table.Column<DateTime>(type: "TEXT", nullable: true),
                    health_checked_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    endpoint = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    topology_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    lease_owner = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    lease_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    lease_epoch = table.Column<long>(type: "INTEGER", nullable: false, defaultValue: 0L),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_environments", x => x.id);
                    table.ForeignKey(
                        name: "fk_environments_clusters_cluster_id",
                        column: x => x.cluster_id,
                        principalTable: "clusters",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_environments_teams_team_id",
                        column: x => x.team_id,
                        principalTable: "teams",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "team_members",
                columns: table => new
                {
                    team_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    person_id = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_team_members", x => new { x.team_id, x.person_id });
                    table.ForeignKey(
                        name: "fk_team_members_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_team_members_teams_team_id",
                        column: x => x.team_id,
                        principalTable: "teams",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "rotation_member",
                columns: table => new
                {
                    rotation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    wave = table.Column<int>(type: "INTEGER", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false)
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

            migrationBuilder.CreateTable(
                name: "approvals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    decided_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    decision = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_approvals", x => x.id);
                    table.ForeignKey(
                        name: "fk_approvals_change_requests_change_request_id",
                        column: x => x.change_request_id,
                        principalTable: "change_requests",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "preflight_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    lease_owner = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    lease_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    lease_epoch = table.Column<long>(type: "INTEGER", nullable: false, defaultValue: 0L),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    results_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    failures = table.Column<int>(type: "INTEGER", nullable: false),
                    warnings = table.Column<int>(type: "INTEGER", nullable: false)
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

            migrationBuilder.CreateTable(
                name: "request_secrets",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_request_secrets", x => new { x.change_request_id, x.key });
                    table.ForeignKey(
                        name: "fk_request_secrets_change_requests_change_request_id",
                        column: x => x.change_request_id,
                        principalTable: "change_requests",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_request_secrets_secret_versions_secret_reference_id_number",
                        columns: x => new { x.secret_reference_id, x.number },
                        principalTable: "secret_versions",
                        principalColumns: new[] { "secret_reference_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "findings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    subject = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false, defaultValue: "Environment"),
                    subject_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    severity = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    message = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: false),
                    since = table.Column<DateTime>(type: "TEXT", nullable: false),
                    resolved_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_findings", x => x.id);
                    table.ForeignKey(
                        name: "fk_findings_environments_environment_id",
                        column: x => x.environment_id,
                        principalTable: "environments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "health_samples",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    latency_ms = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_health_samples", x => x.id);
                    table.ForeignKey(
                        name: "fk_health_samples_environments_environment_id",
                        column: x => x.environment_id,
                        principalTable: "environments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "operations",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    revision = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    not_before = table.Column<DateTime>(type: "TEXT", nullable: false),
                    epoch = table.Column<long>(type: "INTEGER", nullable: false),
                    cancel_requested = table.Column<bool>(type: "INTEGER", nullable: false),
                    cancel_requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    error_code = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    error_message = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    started_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    soak_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    wait_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    waiting_for = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    helm_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    helm_milliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    wait_milliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    streams_json = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: false, defaultValue: ""),
                    requested_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operations", x => x.sequence);
                    table.UniqueConstraint("ak_operations_id", x => x.id);
                    table.ForeignKey(
                        name: "fk_operations_environments_environment_id",
                        column: x => x.environment_id,
                        principalTable: "environments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "releases",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    operation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    revision = table.Column<int>(type: "INTEGER", nullable: false),
                    helm_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    chart = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_releases", x => x.id);
                    table.ForeignKey(
                        name: "fk_releases_environments_environment_id",
                        column: x => x.environment_id,
                        principalTable: "environments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "revisions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    environment_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    change_request_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    profile = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    spec_json = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    storage_account = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false, defaultValue: ""),
                    chart_version_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    values_yaml = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    manifest_yaml = table.Column<string>(type: "TEXT", maxLength: -1, nullable: false),
                    content_digest = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    applied_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_revisions", x => x.id);
                    table.ForeignKey(
                        name: "fk_revisions_chart_versions_content_chart_version_id",
                        column: x => x.chart_version_id,
                        principalTable: "chart_versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_revisions_environments_environment_id",
                        column: x => x.environment_id,
                        principalTable: "environments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "operation_log",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    operation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    step = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    severity = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    text = table.Column<string>(type: "TEXT", maxLength: 8000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operation_log", x => x.id);
                    table.ForeignKey(
                        name: "fk_operation_log_operations_operation_id",
                        column: x => x.operation_id,
                        principalTable: "operations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "operation_steps",
                columns: table => new
                {
                    operation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    order = table.Column<int>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    started_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operation_steps", x => new { x.operation_id, x.order });
                    table.ForeignKey(
                        name: "fk_operation_steps_operations_operation_id",
                        column: x => x.operation_id,
                        principalTable: "operations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "revision_secrets",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    revision_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    secret_reference_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    vault_name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    vault_version = table.Column<string>(type: "TEXT", maxLength: 400, nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_revision_secrets", x => new { x.revision_id, x.key });
                    table.ForeignKey(
                        name: "fk_revision_secrets_revisions_revision_id",
                        column: x => x.revision_id,
                        principalTable: "revisions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_revision_secrets_secret_versions_secret_reference_id_number",
                        columns: x => new { x.secret_reference_id, x.number },
                        principalTable: "secret_versions",
                        principalColumns: new[] { "secret_reference_id", "number" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_approvals_change_request_id_decided_by",
                table: "approvals",
                columns: new[] { "change_request_id", "decided_by" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_action_id",
                table: "audit_events",
                columns: new[] { "action", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_actor_id",
                table: "audit_events",
                columns: new[] { "actor", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_at",
                table: "audit_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_chain_index",
                table: "audit_events",
                columns: new[] { "chain", "index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_environment_id_id",
                table: "audit_events",
                columns: new[] { "environment_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_team_id_id",
                table: "audit_events",
                columns: new[] { "team_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_seal_streams_host_folder",
                table: "audit_seal_streams",
                columns: new[] { "host", "folder" });

            migrationBuilder.CreateIndex(
                name: "ix_change_requests_chart_version_id",
                table: "change_requests",
                column: "chart_version_id");

            migrationBuilder.CreateIndex(
                name: "ix_change_requests_cluster_id_namespace",
                table: "change_requests",
                columns: new[] { "cluster_id", "namespace" },
                unique: true,
                filter: "state = 'Pending'");

            migrationBuilder.CreateIndex(
                name: "ix_change_requests_environment_id",
                table: "change_requests",
                column: "environment_id");

            migrationBuilder.CreateIndex(
                name: "ix_change_requests_state_id",
                table: "change_requests",
                columns: new[] { "state", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_change_requests_team_id_id",
                table: "change_requests",
                columns: new[] { "team_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_chart_versions_edition_name_version",
                table: "chart_versions",
                columns: new[] { "edition", "name", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_clusters_name",
                table: "clusters",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_clusters_pinned_uid",
                table: "clusters",
                column: "pinned_uid",
                unique: true,
                filter: "pinned_uid <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_drafts_person_id_updated_at",
                table: "drafts",
                columns: new[] { "person_id", "updated_at" });

            migrationBuilder.CreateIndex(
                name: "ix_endpoint_claims_environment_id",
                table: "endpoint_claims",
                column: "environment_id");

            migrationBuilder.CreateIndex(
                name: "ix_environments_cluster_id_namespace",
                table: "environments",
                columns: new[] { "cluster_id", "namespace" },
                unique: true,
                filter: "state <> 'Deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_environments_lease_until",
                table: "environments",
                column: "lease_until",
                filter: "lease_until IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_environments_name_id",
                table: "environments",
                columns: new[] { "name", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_environments_team_id_name",
                table: "environments",
                columns: new[] { "team_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_findings_environment_id_kind_subject_name",
                table: "findings",
                columns: new[] { "environment_id", "kind", "subject_name" },
                filter: "resolved_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_findings_environment_id_resolved_at",
                table: "findings",
                columns: new[] { "environment_id", "resolved_at" });

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
                name: "ix_health_samples_environment_id_at",
                table: "health_samples",
                columns: new[] { "environment_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_imports_at",
                table: "imports",
                column: "at",
                filter: "used_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_imports_person_id_id",
                table: "imports",
                columns: new[] { "person_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_issue_requests_requested_at",
                table: "issue_requests",
                column: "requested_at",
                filter: "ended_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_issue_requests_secret_reference_id_ended_at",
                table: "issue_requests",
                columns: new[] { "secret_reference_id", "ended_at" });

            migrationBuilder.CreateIndex(
                name: "ix_issue_requests_waiting",
                table: "issue_requests",
                column: "secret_reference_id",
                unique: true,
                filter: "ended_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_operation_log_operation_id_id",
                table: "operation_log",
                columns: new[] { "operation_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_environment_id_sequence",
                table: "operations",
                columns: new[] { "environment_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_operations_state_not_before",
                table: "operations",
                columns: new[] { "state", "not_before" });

            migrationBuilder.CreateIndex(
                name: "ix_preflight_runs_change_request_id_id",
                table: "preflight_runs",
                columns: new[] { "change_request_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_preflight_runs_state_id",
                table: "preflight_runs",
                columns: new[] { "state", "id" },
                filter: "state <> 'Finished'");

            migrationBuilder.CreateIndex(
                name: "ix_provider_settings_name_value",
                table: "provider_settings",
                columns: new[] { "name", "value" });

            migrationBuilder.CreateIndex(
                name: "ix_releases_environment_id_at",
                table: "releases",
                columns: new[] { "environment_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_releases_operation_id_helm_revision",
                table: "releases",
                columns: new[] { "operation_id", "helm_revision" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_request_secrets_secret_reference_id_number",
                table: "request_secrets",
                columns: new[] { "secret_reference_id", "number" });

            migrationBuilder.CreateIndex(
                name: "ix_revision_secrets_secret_reference_id_number",
                table: "revision_secrets",
                columns: new[] { "secret_reference_id", "number" });

            migrationBuilder.CreateIndex(
                name: "ix_revisions_content_chart_version_id",
                table: "revisions",
                column: "chart_version_id");

            migrationBuilder.CreateIndex(
                name: "ix_revisions_environment_id_number",
                table: "revisions",
                columns: new[] { "environment_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_revisions_storage_account",
                table: "revisions",
                column: "storage_account",
                filter: "storage_account <> ''");

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
                name: "ix_secret_references_due_at",
                table: "secret_references",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_environment_id_key",
                table: "secret_references",
                columns: new[] { "environment_id", "key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_secret_references_expires_at",
                table: "secret_references",
                column: "expires_at");

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
                name: "ix_secret_references_vault_name",
                table: "secret_references",
                column: "vault_name");

            migrationBuilder.CreateIndex(
                name: "ix_secret_uses_secret_reference_id",
                table: "secret_uses",
                column: "secret_reference_id");

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

            migrationBuilder.CreateIndex(
                name: "ix_team_members_person_id",
                table: "team_members",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "ix_teams_name",
                table: "teams",
                column: "name",
                unique: true);

            foreach (var statement in AppendOnly.Sqlite)
            {
                migrationBuilder.Sql(statement);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "approvals");

            migrationBuilder.DropTable(
                name: "audit_chain_heads");

            migrationBuilder.DropTable(
                name: "audit_events");

            migrationBuilder.DropTable(
                name: "audit_seal_streams");

            migrationBuilder.DropTable(
                name: "bootstrap_ends");

            migrationBuilder.DropTable(
                name: "drafts");

            migrationBuilder.DropTable(
                name: "endpoint_claims");

            migrationBuilder.DropTable(
                name: "findings");

            migrationBuilder.DropTable(
                name: "governance_changes");

            migrationBuilder.DropTable(
                name: "health_samples");

            migrationBuilder.DropTable(
                name: "idempotency_records");

            migrationBuilder.DropTable(
                name: "import_secrets");

            migrationBuilder.DropTable(
                name: "issue_requests");

            migrationBuilder.DropTable(
                name: "operation_log");

            migrationBuilder.DropTable(
                name: "operation_steps");

            migrationBuilder.DropTable(
                name: "portal_keys");

            migrationBuilder.DropTable(
                name: "preflight_runs");

            migrationBuilder.DropTable(
                name: "profiles");

            migrationBuilder.DropTable(
                name: "provider_marks");

            migrationBuilder.DropTable(
                name: "provider_settings");

            migrationBuilder.DropTable(
                name: "queue_turns");

            migrationBuilder.DropTable(
                name: "releases");

            migrationBuilder.DropTable(
                name: "request_secrets");

            migrationBuilder.DropTable(
                name: "revision_secrets");

            migrationBuilder.DropTable(
                name: "rotation_member");

            migrationBuilder.DropTable(
                name: "secret_anomalies");

            migrationBuilder.DropTable(
                name: "secret_uses");

            migrationBuilder.DropTable(
                name: "security_events");

            migrationBuilder.DropTable(
                name: "sessions");

            migrationBuilder.DropTable(
                name: "team_members");

            migrationBuilder.DropTable(
                name: "imports");

            migrationBuilder.DropTable(
                name: "operations");

            migrationBuilder.DropTable(
                name: "change_requests");

            migrationBuilder.DropTable(
                name: "revisions");

            migrationBuilder.DropTable(
                name: "secret_versions");

            migrationBuilder.DropTable(
                name: "rotations");

            migrationBuilder.DropTable(
                name: "people");

            migrationBuilder.DropTable(
                name: "chart_versions");

            migrationBuilder.DropTable(
                name: "environments");

            migrationBuilder.DropTable(
                name: "secret_references");

            migrationBuilder.DropTable(
                name: "clusters");

            migrationBuilder.DropTable(
                name: "teams");
        }
    }
}
