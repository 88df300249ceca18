using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>One thing that somebody could read.</summary>
internal sealed record Piece(string Place, string Where, string Text);

/// <summary>Everything that people, programs and disks get to see of one deployment, from the proposal to the gateway at work.</summary>
internal sealed class Evidence
{
    public const string Answers = "API answers";
    public const string Pages = "pages";
    public const string Frames = "WebSocket frames";
    public const string Processes = "helm processes";
    public const string Logs = "portal log";
    public const string Files = "files";
    public const string Releases = "Helm releases";
    public const string Objects = "cluster objects";
    public const string Storage = "browser storage";

    private readonly List<Piece> pieces = [];

    public static IReadOnlyList<string> Places { get; } = [Answers, Pages, Frames, Processes, Logs, Files, Releases, Objects, Storage];

    public IReadOnlyList<Piece> Pieces => pieces;

    /// <summary>Secrets of the cluster that are not Helm's: the one place where a secret belongs.</summary>
    public IReadOnlyList<JsonNode> Secrets { get; private set; } = [];

    /// <summary>Deploys what is proposed, rotates its client key to the next value where one is given, and looks everywhere meanwhile and
    /// afterwards.</summary>
    public static async Task<Evidence> OfDeploymentAsync(
        Product product,
        object proposal,
        string? next = null,
        Func<IPage, Task>? meanwhile = null
    )
    {
        var evidence = new Evidence();
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var frames = new ConcurrentQueue<byte[]>();
        var page = await product.PageAsync("lead-payments");
        page.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => frames.Enqueue(BytesOf(frame));
            socket.FrameSent += (_, frame) => frames.Enqueue(BytesOf(frame));
        };

        await using var spy = new HelmSpy();
        var request = await lead.CreatedAsync(proposal);
        evidence.Add(Answers, "POST requests", request.ToJsonString());
        var approved = await admin.ApproveAsync(request);
        var id = approved.Text("environmentId");
        await page.GotoAsync($"/environments/{id}");
        var environment = await admin.AppliedAsync(approved);
        await (meanwhile?.Invoke(page) ?? Task.CompletedTask);
        if (next is not null)
        {
            await evidence.RotateAsync(page, lead, admin, id, next);
        }

        foreach (
            var path in (string[])
                [
                    $"/environments/{id}?tab=settings",
                    $"/environments/{id}?tab=secrets",
                    $"/environments/{id}?tab=releases",
                    $"/environments/{id}?tab=overview",
                    $"/requests/{request.Text("id")}",
                    $"/requests/{request.Text("id")}?tab=values",
                    $"/requests/{request.Text("id")}?tab=manifest",
                    "/audit",
                ]
        )
        {
            await page.GotoAsync(path);
            await page.SettledAsync();
            evidence.Add(Pages, path, await page.ContentAsync());
        }

        evidence.Add(Processes, $"{spy.Processes} of them", await spy.SeenAsync());
        Assert.True(spy.Processes > 0, "no helm process was seen");
        foreach (
            var path in (string[])
                [
                    $"requests/{request.Text("id")}",
                    $"requests/{request.Text("id")}/preview",
                    "requests",
                    $"environments/{id}",
                    $"environments/{id}/revisions",
                    $"environments/{id}/secrets",
                    "credentials",
                    "credentials/calendar",
                    "credentials/orphans",
                    $"environments/{id}/findings",
                    $"environments/{id}/operations",
                    $"operations/{approved.Text("operationId")}",
                    $"operations/{approved.Text("operationId")}/log",
                    "audit?limit=200",
                    "audit/export?format=csv",
                    "audit/export?format=jsonl",
                ]
        )
        {
            var answer = await admin.GetAsync("/api/v1/" + path);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            evidence.Add(
                Answers,
                path.Replace(request.Text("id"), "ID", StringComparison.Ordinal).Replace(id, "ID", StringComparison.Ordinal),
                answer.Body
            );
        }

        evidence.Add(Answers, "OpenAPI", (await admin.GetAsync("/openapi/v1.json")).Body);
        evidence.Add(Storage, "all of it", await StorageAsync(page));

        // All frames as one text: one message may come in several.
        evidence.Add(Frames, $"{frames.Count} of them", string.Concat(frames.Select(Encoding.Latin1.GetString)));
        Assert.NotEmpty(frames);
        evidence.Add(Logs, "console", product.Portal.Log);
        evidence.AddFiles(product.Portal.DataFolder);
        await evidence.AddClusterAsync(product.Sandbox.Kubeconfig, environment.Text("namespace"));
        return evidence;
    }

    // As a person does it: a plain form in the browser, a request, an approval. What is refused on the way is looked at too.
    private async Task RotateAsync(IPage page, Api lead, Api admin, string environment, string next)
    {
        Add(
            Answers,
            "a value that is refused",
            (await lead.PutTextAsync($"/api/v1/environments/{environment}/secrets/PORTKEY_CLIENT_AUTH", next + "\0"))
                .ExpectProblem(HttpStatusCode.BadRequest)
                .ToJsonString()
        );
        Add(
            Answers,
            "a value for nothing",
            (await lead.PutTextAsync($"/api/v1/environments/{environment}/secrets/NO_SUCH_KEY", next))
                .ExpectProblem(HttpStatusCode.BadRequest)
                .ToJsonString()
        );
        Add(
            Answers,
            "an expiry that is past",
            (await lead.PutTextAsync($"/api/v1/environments/{environment}/secrets/PORTKEY_CLIENT_AUTH?expires=2001-01-01", next))
                .ExpectProblem(HttpStatusCode.BadRequest)
                .ToJsonString()
        );
        await page.GotoAsync($"/environments/{environment}?tab=secrets");
        await page.SettledAsync();
        await page.ById("field-secret-PORTKEY_CLIENT_AUTH").FillAsync(next);
        await page.ById("store-PORTKEY_CLIENT_AUTH").ClickAsync();
        await page.SeesAsync("secret-stored", "as v2");
        var rotation = (
            await lead.PostAsync($"/api/v1/environments/{environment}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" })
        ).Expect(HttpStatusCode.Created);
        var operation = (await admin.ApproveAsync(rotation)).Text("operationId");
        await admin.SucceededAsync(operation);
        foreach (var path in (string[])[$"requests/{rotation.Text("id")}/preview", $"operations/{operation}/log", "rotations"])
        {
            Add(Answers, "rotation: " + path.Split('/')[0], (await admin.GetAsync("/api/v1/" + path)).Body);
        }

        foreach (var path in (string[])[$"/operations/{operation}", "/credentials", $"/requests/{rotation.Text("id")}"])
        {
            await page.GotoAsync(path);
            await page.SettledAsync();
            Add(Pages, path, await page.ContentAsync());
        }
    }

    // Cookies that scripts cannot read included, and what the browser keeps of answers.
    private static async Task<string> StorageAsync(IPage page) =>
        string.Join('\n', (await page.Context.CookiesAsync()).Select(c => $"{c.Name}={c.Value}"))
        + await page.Context.StorageStateAsync(new() { IndexedDB = true })
        + await page.EvaluateAsync<string>(
            """
            async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, window.name, history.state, location.href,
              await Promise.all((await caches.keys()).map(async k => Promise.all((await (await caches.open(k)).matchAll()).map(a => a.text()))))])
            """
        );

    private static byte[] BytesOf(IWebSocketFrame frame) => frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? "");

    private void Add(string place, string where, string text) => pieces.Add(new Piece(place, where, text));

    // Everything of the portal on disk: database with its log, vault, logs, drafts.
    private void AddFiles(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Add(Files, Path.GetFileName(file), reader.ReadToEnd());
        }

        Assert.Contains(pieces, p => p is { Place: Files, Where: "portal.db" });
        Assert.Contains(
            Directory.GetFiles(Path.Combine(folder, "vault"), "*", SearchOption.AllDirectories),
            f => pieces.Exists(p => p.Place == Files && p.Where == Path.GetFileName(f))
        );
    }

    private async Task AddClusterAsync(string kubeconfig, string ns)
    {
        var all = (await Cluster.KubectlAsync(kubeconfig, "get", "secret,configmap,deployment,pod,event", "-n", ns))["items"]!
            .AsArray()
            .Select(o => o!)
            .ToList();
        foreach (var release in all.Where(s => s.Text("type") == "helm.sh/release.v1"))
        {
            Add(Releases, release["metadata"]!.Text("name"), Cluster.Release(release["data"]!.Text("release")));
        }

        Secrets = [.. all.Where(o => o.Text("kind") == "Secret" && o.Text("type") != "helm.sh/release.v1")];
        foreach (var other in all.Where(o => o.Text("kind") != "Secret"))
        {
            Add(Objects, $"{other.Text("kind")} {other["metadata"]!.Text("name")}", other.ToJsonString());
        }

        Assert.Contains(pieces, p => p.Place == Releases);
        Assert.Contains(pieces, p => p.Place == Objects);
    }
}
