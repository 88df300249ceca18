using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// What each page costs: CPU of the portal, bytes of its document, and bytes that its circuit sends. Pages are opened in turn, from the
/// navigation until nothing is drawn any more, beside one that has little on it but the frame that every page has. Styles and scripts are
/// left out: they are the same for all pages, and a browser keeps them.
/// </summary>
internal static class PagesBench
{
    private const string Empty = "/about";

    public static async Task RunAsync(int count)
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await using var portal = await PortalProcess.StartAsync(new PortalOptions { Kubeconfig = sandbox.Kubeconfig });
        var pages = await PagesAsync(portal);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Tools.Chromium, Args = ["--no-sandbox", "--disable-gpu"] }
        );
        var visitor = await Visitor.SignedInAsync(browser, portal);
        foreach (var page in pages.Concat(pages))
        {
            await visitor.OpenAsync(page); // what is compiled or stored at the first look belongs to no page
        }

        var seen = pages.ToDictionary(p => p, _ => new List<(double Cpu, long Document, long Circuit)>(), StringComparer.Ordinal);
        for (var n = 0; n < count; n++)
        {
            foreach (var page in pages)
            {
                seen[page].Add(await visitor.OpenAsync(page));
            }
        }

        var empty = seen[Empty].Average(s => s.Cpu);
        Console.WriteLine($"{count} times each                                      CPU, ms   to empty   page, kB   circuit, kB");
        foreach (var (page, costs) in seen)
        {
            var cpu = costs.Average(c => c.Cpu);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Short(page),-48}{cpu * 1000,11:F0} {cpu / empty,10:F2} {costs.Average(c => c.Document) / 1000,10:F1} {costs.Average(c => c.Circuit) / 1000,13:F1}"
                )
            );
        }
    }

    // With one environment that runs, one request that waits, and what an administrator sees of them.
    private static async Task<string[]> PagesAsync(PortalProcess portal)
    {
        using (var api = await PortalApi.SignInAsync(portal))
        {
            await api.DeployAsync("bench-page");
        }

        using var lead = await portal.ClientAsync("lead-payments");
        var waiting = await lead.PostAsJsonAsync(
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = "bench-waiting",
                cluster = "sandbox",
                profile = "dev",
                spec = new { edition = "oss" },
            }
        );
        var request = JsonNode.Parse(await waiting.Content.ReadAsStringAsync())!["id"]!.ToString();
        var environment = (await lead.GetFromJsonAsync<JsonNode>("/api/v1/environments"))!["items"]![0]!["id"]!.ToString();
        return
        [
            Empty,
            "/",
            "/environments",
            $"/environments/{environment}",
            $"/environments/{environment}?tab=settings",
            $"/environments/{environment}?tab=secrets",
            "/new",
            "/new?step=settings",
            "/new?step=review",
            "/requests",
            $"/requests/{request}",
            "/approvals",
            "/credentials",
            "/charts",
            "/clusters",
            "/audit",
        ];
    }

    private static string Short(string page) =>
        string.Join('/', page.Split('/').Select(p => p.Length >= 36 && Guid.TryParse(p[..36], out _) ? "{id}" + p[36..] : p));

    private sealed class Visitor(IPage page, int portal)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> documents = new(StringComparer.Ordinal);
        private long document;
        private long circuit;

        public static async Task<Visitor> SignedInAsync(IBrowser browser, PortalProcess portal)
        {
            var context = await browser.NewContextAsync(
                new()
                {
                    BaseURL = portal.BaseUrl.ToString(),
                    ViewportSize = new() { Width = 1440, Height = 900 },
                    ReducedMotion = ReducedMotion.Reduce,
                }
            );
            var page = await context.NewPageAsync();
            await page.GotoAsync("/dev/sign-in?persona=admin-1");
            var visitor = new Visitor(page, portal.ProcessId);
            var network = await context.NewCDPSessionAsync(page);
            await network.SendAsync("Network.enable");
            network.Event("Network.responseReceived").OnEvent += (_, e) =>
            {
                if (e!.Value.GetProperty("type").GetString() == "Document")
                {
                    visitor.documents[e.Value.GetProperty("requestId").GetString()!] = true;
                }
            };
            network.Event("Network.loadingFinished").OnEvent += (_, e) =>
            {
                if (visitor.documents.ContainsKey(e!.Value.GetProperty("requestId").GetString()!))
                {
                    Interlocked.Add(ref visitor.document, (long)e.Value.GetProperty("encodedDataLength").GetDouble());
                }
            };
            page.WebSocket += (_, socket) =>
                socket.FrameReceived += (_, frame) => Interlocked.Add(ref visitor.circuit, frame.Binary?.Length ?? frame.Text?.Length ?? 0);
            return visitor;
        }

        public async Task<(double Cpu, long Document, long Circuit)> OpenAsync(string address)
        {
            // What the page before leaves behind, its circuit first of all, is not this one's.
            await page.GotoAsync("about:blank");
            await QuietAsync();
            (document, circuit) = (0, 0);
            var before = RotateBench.Cpu(portal);
            await page.GotoAsync(address);
            await page.WaitForFunctionAsync("() => document.querySelector('h1') && !document.querySelector('.skeleton')");
            await QuietAsync();
            return (RotateBench.Cpu(portal) - before, Interlocked.Read(ref document), Interlocked.Read(ref circuit));
        }

        // Until nothing came over the line for a while.
        private async Task QuietAsync()
        {
            var (same, last) = (0, -1L);
            while (same < 4)
            {
                await Task.Delay(100);
                var now = Interlocked.Read(ref document) + Interlocked.Read(ref circuit);
                (same, last) = (now == last ? same + 1 : 0, now);
            }
        }
    }
}
