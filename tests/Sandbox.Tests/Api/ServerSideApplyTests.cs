using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

public sealed class ServerSideApplyTests(ApiSandbox sandbox) : IClassFixture<ApiSandbox>
{
    private const string ApplyType = "application/apply-patch+yaml";

    [Fact]
    public async Task Apply_FieldOfAnotherManager_IsConflictUntilForced()
    {
        var path = await NewAsync("one", ("a", "1"));
        var (code, body) = await ApplyAsync(path, "two", ("a", "2"));
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("Conflict", (string)body["reason"]!);
        Assert.Equal(".data.a", (string)body["details"]!["causes"]![0]!["field"]!);
        Assert.Contains("conflict with \"one\"", (string)body["details"]!["causes"]![0]!["message"]!, StringComparison.Ordinal);

        var (forced, item) = await ApplyAsync(path, "two", force: true, ("a", "2"));
        Assert.Equal(HttpStatusCode.OK, forced);
        Assert.Equal("2", (string)item["data"]!["a"]!);
    }

    [Fact]
    public async Task Apply_FieldNoLongerStated_IsRemovedUnlessShared()
    {
        var path = await NewAsync("one", ("mine", "1"), ("shared", "1"));
        await ApplyAsync(path, "two", ("shared", "1"));
        var (_, item) = await ApplyAsync(path, "one", ("other", "1"));
        Assert.Equal(["other", "shared"], item["data"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Apply_Twice_ChangesNothing()
    {
        var path = await NewAsync("one", ("a", "1"));
        var (_, first) = await sandbox.SendAsync(HttpMethod.Get, path);
        var (_, again) = await ApplyAsync(path, "one", ("a", "1"));
        Assert.Equal((string)first["metadata"]!["resourceVersion"]!, (string)again["metadata"]!["resourceVersion"]!);
    }

    [Fact]
    public async Task Apply_WithoutManager_IsInvalid()
    {
        var path = await NewAsync("one", ("a", "1"));
        var (code, _) = await sandbox.SendAsync(HttpMethod.Patch, path, ApiSandbox.ConfigMap("c"), ApplyType);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
    }

    private async Task<string> NewAsync(string manager, params (string, string)[] data)
    {
        var path = $"/api/v1/namespaces/{await sandbox.NewNamespaceAsync()}/configmaps/c";
        var (code, _) = await ApplyAsync(path, manager, data);
        Assert.Equal(HttpStatusCode.Created, code);
        return path;
    }

    private Task<(HttpStatusCode Code, JsonNode Body)> ApplyAsync(string path, string manager, params (string, string)[] data) =>
        ApplyAsync(path, manager, false, data);

    private Task<(HttpStatusCode Code, JsonNode Body)> ApplyAsync(
        string path,
        string manager,
        bool force,
        params (string, string)[] data
    ) =>
        sandbox.SendAsync(
            HttpMethod.Patch,
            $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}",
            ApiSandbox.ConfigMap("c", data),
            ApplyType
        );
}
