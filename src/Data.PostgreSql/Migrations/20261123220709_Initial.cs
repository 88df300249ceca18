using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Portkey.Portal.Data.PostgreSql.Migrations
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
                    chain = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    index = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_chain_heads", x => x.chain);
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    chain = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    index = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    action = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    target_kind = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    target_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    target_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: true),
                    team_id = table.Column<Guid>(type: "uuid", nullable: true),
                    before_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    after_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    request_digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    correlation_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    source_address = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    previous_hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "chart_versions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    edition = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    source = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    location = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    app_version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    image_tag = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    is_default = table.Column<bool>(type: "boolean", nullable: false),
                    registered_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    registered_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_chart_versions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "clusters",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    kubeconfig_source = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    service_addresses_reachable = table.Column<bool>(type: "boolean", nullable: false),
                    zones = table.Column<int>(type: "integer", nullable: false),
                    server_version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    last_seen_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    is_enabled = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_clusters", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "drafts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drafts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "idempotency_records",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    key = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    request_hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    result_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_records", x => new { x.person_id, x.key });
                });

            migrationBuilder.CreateTable(
                name: "people",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    is_administrator = table.Column<bool>(type: "boolean", nullable: false),
                    is_auditor = table.Column<bool>(type: "boolean", nullable: false),
                    is_enabled = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_people", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "profiles",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    description = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    order = table.Column<int>(type: "integer", nullable: false),
                    replicas = table.Column<int>(type: "integer", nullable: false),
                    max_replicas = table.Column<int>(type: "integer", nullable: false),
                    zones = table.Column<int>(type: "integer", nullable: false),
                    cpu_request = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    cpu_limit = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    memory_request = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    memory_limit = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    node_cpu = table.Column<int>(type: "integer", nullable: false),
                    node_memory_gi_b = table.Column<int>(type: "integer", nullable: false),
                    monthly_cost_usd = table.Column<int>(type: "integer", nullable: false),
                    built_in_redis_allowed = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_profiles", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "secret_references",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    vault_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    last_rotated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret_references", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "teams",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    display_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_teams", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "secret_versions",
                columns: table => new
                {
                    secret_reference_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    vault_version = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    created_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    team_id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    cluster_id = table.Column<Guid>(type: "uuid", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "character varying(400)", maxLength: 400, nullable: false),
                    profile = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    base_revision = table.Column<int>(type: "integer", nullable: false),
                    spec_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    chart_version_id = table.Column<Guid>(type: "uuid", nullable: false),
                    values_yaml = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    manifest_yaml = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    secret_versions_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    content_digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    findings_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    policy_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    requested_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    requested_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    decided_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: true),
                    outcome = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    team_id = table.Column<Guid>(type: "uuid", nullable: false),
                    cluster_id = table.Column<Guid>(type: "uuid", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "character varying(400)", maxLength: 400, nullable: false),
                    release_name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    edition = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    profile = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    approved_revision = table.Column<int>(type: "integer", nullable: false),
                    applied_revision = table.Column<int>(type: "integer", nullable: false),
                    health = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    health_reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    health_since = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    health_checked_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    endpoint = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    topology_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    lease_owner = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    lease_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    fencing_epoch = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
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
                    team_id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
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
                name: "approvals",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    decided_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    decision = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
                name: "findings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    severity = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    message = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    since = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    resolved_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
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
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    latency_ms = table.Column<int>(type: "integer", nullable: true)
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
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    not_before = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    cancel_requested = table.Column<bool>(type: "boolean", nullable: false),
                    cancel_requested_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    error_code = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    error_message = table.Column<string>(type: "character varying(4000)", maxLength: 4000, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    helm_milliseconds = table.Column<long>(type: "bigint", nullable: false),
                    wait_milliseconds = table.Column<long>(type: "bigint", nullable: false),
                    requested_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false)
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
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    helm_revision = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    chart = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
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
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    environment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    change_request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    profile = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    spec_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    chart_version_id = table.Column<Guid>(type: "uuid", nullable: false),
                    values_yaml = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    manifest_yaml = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    secret_versions_json = table.Column<string>(type: "text", maxLength: -1, nullable: false),
                    content_digest = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    applied_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_revisions", x => x.id);
                    table.ForeignKey(
                        name: "fk_revisions_chart_versions_chart_version_id",
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
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    step = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    severity = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    text = table.Column<string>(type: "character varying(8000)", maxLength: 8000, nullable: false)
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
                    operation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    order = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
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
                name: "ix_drafts_person_id_updated_at",
                table: "drafts",
                columns: new[] { "person_id", "updated_at" });

            migrationBuilder.CreateIndex(
                name: "ix_environments_cluster_id_namespace",
                table: "environments",
                columns: new[] { "cluster_id", "namespace" },
                unique: true,
                filter: "state <> 'Deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_environments_name_id",
                table: "environments",
                columns: new[] { "name", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_environments_team_id_name",
                table: "environments",
                columns: new[] { "team_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_findings_environment_id_resolved_at",
                table: "findings",
                columns: new[] { "environment_id", "resolved_at" });

            migrationBuilder.CreateIndex(
                name: "ix_health_samples_environment_id_at",
                table: "health_samples",
                columns: new[] { "environment_id", "at" });

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
                name: "ix_releases_environment_id_at",
                table: "releases",
                columns: new[] { "environment_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_releases_operation_id_helm_revision",
                table: "releases",
                columns: new[] { "operation_id", "helm_revision" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_revisions_chart_version_id",
                table: "revisions",
                column: "chart_version_id");

            migrationBuilder.CreateIndex(
                name: "ix_revisions_environment_id_number",
                table: "revisions",
                columns: new[] { "environment_id", "number" },
                unique: true);

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
                name: "ix_team_members_person_id",
                table: "team_members",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "ix_teams_name",
                table: "teams",
                column: "name",
                unique: true);

            foreach (var statement in AppendOnly.PostgreSql)
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
                name: "drafts");

            migrationBuilder.DropTable(
                name: "findings");

            migrationBuilder.DropTable(
                name: "health_samples");

            migrationBuilder.DropTable(
                name: "idempotency_records");

            migrationBuilder.DropTable(
                name: "operation_log");

            migrationBuilder.DropTable(
                name: "operation_steps");

            migrationBuilder.DropTable(
                name: "profiles");

            migrationBuilder.DropTable(
                name: "releases");

            migrationBuilder.DropTable(
                name: "revisions");

            migrationBuilder.DropTable(
                name: "secret_versions");

            migrationBuilder.DropTable(
                name: "team_members");

            migrationBuilder.DropTable(
                name: "change_requests");

            migrationBuilder.DropTable(
                name: "operations");

            migrationBuilder.DropTable(
                name: "secret_references");

            migrationBuilder.DropTable(
                name: "people");

            migrationBuilder.DropTable(
                name: "chart_versions");

            migrationBuilder.DropTable(
                name: "environments");

            migrationBuilder.DropTable(
                name: "clusters");

            migrationBuilder.DropTable(
                name: "teams");
        }
    }
}
