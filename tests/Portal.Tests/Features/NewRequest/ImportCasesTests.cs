using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.NewRequest;

/// <summary>
/// Files that people have, by <c>POST /import</c>: tests/Shared/Cases. Each line says one thing of the answer: <c>path=value</c> of the
/// spec, <c>kept path</c>, <c>corrected path</c>, <c>dropped path</c>, <c>secret NAME</c>, <c>problem field</c>, <c>no problem field</c>.
/// </summary>
public sealed class ImportCasesTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Shared", "Cases");

    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["redis-scheme-with-tls.yaml"] =
        [
            "settings.REDIS_TLS_ENABLED=true",
            "corrected environment.data.REDIS_URL",
            "secret REDIS_URL",
            "settings.AZURE_WORKLOAD_CLIENT_ID=11111111-2222-4333-8444-555555555555",
        ],
        ["block-scalar-key-value.yaml"] =
        [
            "settings.OTEL_RESOURCE_ATTRIBUTES=TEAM=payments",
            "secret OTEL_EXPORTER_OTLP_HEADERS",
            "no problem spec",
        ],
        ["equals-lines-with-comments.txt"] = ["settings.SERVICE_NAME=gw", "secret PORTKEY_CLIENT_AUTH"],
        ["helm-booleans.yaml"] =
        [
            "settings.OTEL_PUSH_ENABLED=true",
            "autoscaling.min=2",
            "autoscaling.max=5",
            "dataService=true",
            "network.exposure=ingress",
            "network.host=gw.example.com",
        ],
        ["private-mirror.yaml"] =
        [
            "imageRepository=mirror.example.com/portkeyai/gateway_enterprise",
            "imageTag=2.9.0",
            "dataServiceImage.repository=mirror.example.com/portkeyai/data-service",
            "dataServiceImage.tag=1.8.0",
            "dropped images.gatewayImage.pullPolicy",
            "secret REGISTRY_PASSWORD",
        ],
        ["service-account-annotations.yaml"] =
        [
            "serviceAccount.name=gateway-sa",
            "serviceAccount.annotations.eks.amazonaws.com/role-arn=arn:aws:iam::123456789012:role/gateway",
            "serviceAccount.annotations.iam.gke.io/gcp-service-account=g@p.iam.gserviceaccount.com",
        ],
        ["internal-load-balancer.yaml"] =
        [
            "network.exposure=loadBalancer",
            "network.internalLoadBalancer=true",
            "network.port=80",
            "network.serviceAnnotations.service.beta.kubernetes.io/azure-pip-name=gateway-ip",
        ],
        ["aws-internal-load-balancer.yaml"] = ["network.exposure=loadBalancer", "network.internalLoadBalancer=true", "network.port=443"],
        ["byte-order-mark.yaml"] = ["settings.SERVICE_NAME=gw", "secret PORTKEY_CLIENT_AUTH"],
        ["windows-editor.yaml"] =
        [
            "replicas=2",
            "settings.SERVICE_NAME=gw",
            "settings.LOG_STORE=control_plane",
            "no problem spec.settings.LOG_STORE",
        ],
        ["argo-application.yaml"] = ["settings.SERVICE_NAME=gw", "secret PORTKEY_CLIENT_AUTH", "dropped spec.source.targetRevision"],
        ["image-digest-tag.yaml"] =
        [
            "imageTag=2.13.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "no problem spec.imageTag",
        ],
        ["trusted-hosts.yaml"] = ["settings.TRUSTED_CUSTOM_HOSTS=localhost", "no problem spec.settings.TRUSTED_CUSTOM_HOSTS"],
        ["entra-on-older-chart.yaml"] =
        [
            "settings.AZURE_ENTRA_TENANT_ID=21111111-2222-4333-8444-555555555555",
            "secret AZURE_ENTRA_CLIENT_SECRET",
            "no problem spec",
        ],
        ["version-like-numbers.yaml"] =
        [
            "imageTag=2.10",
            "settings.ORGANISATIONS_TO_SYNC=1234567890123456789",
            "secret PORTKEY_CLIENT_AUTH",
        ],
        ["variables-as-list.yaml"] = ["settings.SERVICE_NAME=gw", "settings.LOG_STORE=azure"],
        ["google-workload.yaml"] =
        [
            "settings.LOG_STORE=gcs_assume",
            "settings.GCP_AUTH_MODE=workload",
            "settings.CACHE_STORE=gcp-memory-store",
            "secret REDIS_URL",
            "no problem spec.settings.LOG_STORE",
            "no problem spec.settings.CACHE_STORE",
            "no problem spec.settings.GCP_AUTH_MODE",
        ],
        ["helm-get-values.yaml"] = ["settings.REQUEST_TIMEOUT=60000", "corrected environment.data.REQUEST_TIMEOUT"],
        ["merge-key.yaml"] = ["settings.SERVICE_NAME=gw", "settings.LOG_STORE=control_plane", "kept environment.data.LOG_STORE"],
        ["terraform.txt"] = ["replicas=3", "settings.LOG_STORE=s3_assume", "settings.LOG_STORE_GENERATIONS_BUCKET=logs"],
        ["whole-workload.yaml"] =
        [
            "network.host=gw.example.org",
            "network.ingressClass=nginx",
            "network.tlsSecret=gw-tls",
            "network.ingressAnnotations.nginx.ingress.kubernetes.io/proxy-read-timeout=300",
            "autoscaling.targetMemory=75",
            "serviceAccount.name=gw-sa",
            "settings.MY_OWN_FLAG=on",
            "settings.HTTPS_PROXY=http://proxy.corp:3128",
        ],
        ["raw-scalars.yaml"] =
        [
            "corrected environment.data.REDIS_TLS_ENABLED",
            "corrected environment.data.SERVICE_NAME",
            "problem spec.secrets.REDIS_URL",
        ],
        ["secrets-with-any-character.yaml"] =
        [
            "secret PORTKEY_CLIENT_AUTH",
            "secret REDIS_PASSWORD",
            "secret REGISTRY_PASSWORD",
            "no problem spec",
        ],
        ["control-plane-logs.yaml"] = ["settings.LOG_STORE=control_plane", "no problem spec.settings.LOG_STORE"],
        ["hybrid-variables.env"] =
        [
            "settings.AWS_REDIS_AUTH_MODE=iam",
            "settings.REDIS_USERNAME=gateway",
            "settings.REDIS_TLS_CERTS=/etc/portkey-ca/ca.crt",
            "settings.HTTPS_PROXY=http://proxy.example.com:3128",
            "settings.ENABLE_PROMETHEUS=true",
            "settings.OUR_OWN_FLAG=on",
            "no problem spec.settings.OUR_OWN_FLAG",
        ],
    };

    public static TheoryData<string> Files =>
        [
            .. Directory
                .GetFiles(Folder)
                .Where(f => !f.EndsWith(".md", StringComparison.Ordinal))
                .Select(f => Path.GetFileName(f))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Import_OfAFileThatPeopleHave_IsReadAsItsToolReadsIt(string file)
    {
        using var lead = await host.ClientAsync("lead-payments");

        var answer = await ImportAsync(
            lead,
            await File.ReadAllBytesAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken)
        );

        Assert.Empty(Expected[file].Where(line => !Holds(answer, line)).Select(line => $"{line} | {answer}"));
    }

    [Theory]
    [InlineData("flux")]
    [InlineData("argoCd")]
    public async Task Import_OfAnExportOfARequest_GivesItsSpecAgain(string format)
    {
        using var lead = await host.ClientAsync("lead-payments");
        var body = PortalHost.Create($"case-export-{format.ToLowerInvariant()}");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(body))).NodeAsync();
        var asked = await (await lead.GetAsync($"/api/v1/requests/{(string)made["id"]!}")).NodeAsync();

        var export = await lead.GetStringAsync($"/api/v1/requests/{(string)made["id"]!}/export?format={format}");
        var answer = await ImportAsync(lead, System.Text.Encoding.UTF8.GetBytes(export));

        Assert.Equal(Sorted(asked["spec"]!["settings"]!), Sorted(answer["spec"]!["settings"]!));
        Assert.Equal((string?)asked["spec"]!["edition"], (string?)answer["spec"]!["edition"]);
        Assert.Equal((string?)asked["spec"]!["network"]!["exposure"], (string?)answer["spec"]!["network"]!["exposure"]);
    }

    private static async Task<JsonNode> ImportAsync(HttpClient lead, byte[] text)
    {
        using var content = new ByteArrayContent(text);
        content.Headers.ContentType = new("text/plain");
        return await (await lead.PostAsync("/api/v1/import", content)).NodeAsync();
    }

    private static IEnumerable<string> Sorted(JsonNode settings) =>
        settings.AsObject().Select(s => $"{s.Key}={s.Value}").Order(StringComparer.Ordinal);

    private static bool Holds(JsonNode answer, string line) =>
        line.Split(' ', 2) switch
        {
            ["kept", var path] => answer["kept"]!.AsObject().ContainsKey(path),
            ["corrected", var path] => answer["corrections"]!.AsArray().Any(c => (string)c!["field"]! == path),
            ["dropped", var path] => answer["dropped"]!.AsArray().Any(c => (string)c!["field"]! == path),
            ["secret", var name] => answer["secrets"]!.AsArray().Any(s => (string)s! == name),
            ["problem", var field] => Problem(answer, field),
            ["no", var field] => !Problem(answer, field["problem ".Length..]),
            _ => Value(answer["spec"], line),
        };

    private static bool Problem(JsonNode answer, string field) =>
        answer["problems"]!.AsArray().Any(p => ((string)p!["field"]!).StartsWith(field, StringComparison.Ordinal));

    // Names of annotations hold dots: the longest part that is there is taken.
    private static bool Value(JsonNode? node, string line)
    {
        var (path, value) = (
            line[..line.IndexOf('=', StringComparison.Ordinal)],
            line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]
        );
        while (path.Length > 0 && node is JsonObject here)
        {
            var key = here.Select(p => p.Key)
                .Where(k => path == k || path.StartsWith(k + '.', StringComparison.Ordinal))
                .MaxBy(k => k.Length);
            if (key is null)
            {
                return false;
            }

            (node, path) = (here[key], path == key ? "" : path[(key.Length + 1)..]);
        }

        return node?.ToString() == value;
    }
}
