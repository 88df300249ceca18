using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

/// <summary>One sandbox process for a class of tests, the real helm and kubectl, and plain HTTP.</summary>
public sealed class ApiSandbox : IAsyncLifetime
{
    private int _namespaces;

    public SandboxProcess Process { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Process = await SandboxProcess.StartAsync(withGateway: false);
        Http = Client(Process.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }

    public HttpClient Client(string? token)
    {
        // The certificate is checked by helm and kubectl, which read the authority from the kubeconfig.
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        var client = new HttpClient(handler) { BaseAddress = Process.BaseUrl, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await SendAsync(
            HttpMethod.Post,
            "/api/v1/namespaces",
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = name },
            }
        );
        return name;
    }

    public Task<(HttpStatusCode Code, JsonNode Body)> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body = null,
        string type = "application/json"
    ) => SendTextAsync(method, path, body?.ToJsonString(), type);

    public async Task<(HttpStatusCode Code, JsonNode Body)> SendTextAsync(
        HttpMethod method,
        string path,
        string? body,
        string type = "application/json"
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(type) },
            };
        }

        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public Task<string> HelmAsync(params string[] args) => RunAsync(Tools.Helm, 0, null, args);

    public Task<string> KubectlAsync(params string[] args) => RunAsync(Tools.Kubectl, 0, null, args);

    public Task<string> ApplyAsync(string manifest, params string[] args) =>
        RunAsync(Tools.Kubectl, 0, manifest, ["apply", "-f", "-", .. args]);

    /// <summary>Runs a program against the sandbox; the outcome must be the expected one. Returns both streams.</summary>
    public async Task<string> RunAsync(string program, int exitCode, string? input, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = Process.Kubeconfig;
        start.Environment["HELM_CACHE_HOME"] = Path.Combine(Process.DataFolder, "helm");
        start.Environment["KUBECACHEDIR"] = Path.Combine(Process.DataFolder, "kube");
        using var process = System.Diagnostics.Process.Start(start)!;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(late.Token);
        var text = await output + await errors;
        Assert.True(
            process.ExitCode == exitCode,
            $"{Path.GetFileName(program)} {string.Join(' ', args)} ended with {process.ExitCode}: {text}"
        );
        return text;
    }

    public static JsonObject ConfigMap(string name, params (string Key, string Value)[] data) =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value))),
        };

    public static string Deployment(string name, int replicas = 1, string env = "{name: A, value: '1'}") =>
        $$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{{name}}}}
            spec:
              replicas: {{{replicas}}}
              selector: {matchLabels: {app: {{{name}}}}}
              template:
                metadata: {labels: {app: {{{name}}}}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: busybox:1.36
                    env: [{{{env}}}]
            """;
}
