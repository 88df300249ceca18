using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>The cluster, asked by the real tools.</summary>
internal static class Cluster
{
    public static async Task<JsonNode> KubectlAsync(string kubeconfig, params string[] arguments) =>
        JsonNode.Parse(await RunAsync(Tools.Kubectl, kubeconfig, [.. arguments, "-o", "json"]))!;

    public static async Task<JsonArray> HelmHistoryAsync(string kubeconfig, string ns, string release) =>
        JsonNode.Parse(await RunAsync(Tools.Helm, kubeconfig, ["history", release, "-n", ns, "-o", "json"]))!.AsArray();

    /// <summary>data.release of a Helm secret: base64 of Kubernetes around base64 of Helm around gzip.</summary>
    public static string Release(string data)
    {
        var zipped = Convert.FromBase64String(Encoding.ASCII.GetString(Convert.FromBase64String(data)));
        using var unzip = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        using var reader = new StreamReader(unzip);
        return reader.ReadToEnd();
    }

    public static async Task<string> RunAsync(string program, string kubeconfig, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = kubeconfig;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}");
    }
}
