using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

public sealed class WatchTests(ApiSandbox sandbox) : IClassFixture<ApiSandbox>
{
    [Fact]
    public async Task Watch_FromAResourceVersion_ResumesWithoutLossOrRepeat()
    {
        var maps = $"/api/v1/namespaces/{await sandbox.NewNamespaceAsync()}/configmaps";
        var (_, first) = await sandbox.SendAsync(HttpMethod.Post, maps, ApiSandbox.ConfigMap("first"));
        await sandbox.SendAsync(HttpMethod.Post, maps, ApiSandbox.ConfigMap("second"));
        await sandbox.SendAsync(HttpMethod.Delete, maps + "/second");
        var events = await ReadAsync(
            $"{maps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name!=kube-root-ca.crt&resourceVersion={first["metadata"]!["resourceVersion"]}"
        );
        Assert.Equal(["ADDED second", "DELETED second"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_LabelLeavesTheSelection_IsDeleted()
    {
        var maps = $"/api/v1/namespaces/{await sandbox.NewNamespaceAsync()}/configmaps";
        var labelled = ApiSandbox.ConfigMap("c");
        labelled["metadata"]!["labels"] = new JsonObject { ["on"] = "yes" };
        var (_, created) = await sandbox.SendAsync(HttpMethod.Post, maps, labelled);
        await sandbox.SendTextAsync(HttpMethod.Patch, maps + "/c", """{"metadata":{"labels":null}}""", "application/merge-patch+json");
        var events = await ReadAsync(
            $"{maps}?watch=1&timeoutSeconds=1&labelSelector=on%3Dyes&resourceVersion={created["metadata"]!["resourceVersion"]}"
        );
        Assert.Equal(["DELETED c"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_InitialEvents_EndWithAMarkedBookmark()
    {
        var events = await ReadAsync(
            "/api/v1/nodes?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        );
        Assert.Equal(3, events.Count(e => (string)e["type"]! == "ADDED"));
        Assert.Equal("true", (string)events[^1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!);
    }

    [Fact]
    public async Task Watch_OlderThanTheHistory_IsGone()
    {
        await sandbox.Process.RestartAsync();
        var events = await ReadAsync("/api/v1/nodes?watch=1&timeoutSeconds=1&resourceVersion=1");
        var error = Assert.Single(events);
        Assert.Equal("ERROR", (string)error["type"]!);
        Assert.Equal(410, (int)error["object"]!["code"]!);
    }

    [Fact]
    public async Task Restart_KeepsObjectsTokenAndVersions()
    {
        var maps = $"/api/v1/namespaces/{await sandbox.NewNamespaceAsync()}/configmaps";
        var (_, before) = await sandbox.SendAsync(HttpMethod.Post, maps, ApiSandbox.ConfigMap("kept", ("a", "1")));
        await sandbox.Process.RestartAsync();
        var (code, after) = await sandbox.SendAsync(HttpMethod.Get, maps + "/kept");
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
    }

    private static string Describe(JsonNode change) => $"{change["type"]} {change["object"]!["metadata"]!["name"]}";

    private async Task<List<JsonNode>> ReadAsync(string path)
    {
        var text = await sandbox.Http.GetStringAsync(path);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
