using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

public sealed class HostileRequestTests(ApiSandbox sandbox) : IClassFixture<ApiSandbox>
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Merge = "application/merge-patch+json";

    public static TheoryData<string, string, string?, string, int> Requests =>
        new()
        {
            { "POST", Maps, "{", "application/json", 400 },
            { "POST", Maps, "[]", "application/json", 400 },
            { "POST", Maps, "null", "application/json", 400 },
            { "POST", Maps, "", "application/json", 400 },
            { "POST", Maps, "{}", "application/json", 400 },
            { "POST", Maps, "{}", "text/plain", 415 },
            { "POST", Maps, "k8s", "application/vnd.kubernetes.protobuf", 400 },
            { "POST", Maps, "k8s\0\u0012\u007f", "application/vnd.kubernetes.protobuf", 400 },
            { "POST", Maps, "a: &a [1]\nb: [*a, *nope]", "application/yaml", 400 },
            { "POST", Maps, "a: [", "application/yaml", 400 },
            { "POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}""", "application/json", 400 },
            { "POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}""", "application/json", 400 },
            { "POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":7}}""", "application/json", 400 },
            { "POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Not A Name"}}""", "application/json", 422 },
            { "POST", Maps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"<img onerror>"}}""", "application/json", 422 },
            {
                "POST",
                Maps,
                """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"kube-system"}}""",
                "application/json",
                400
            },
            { "POST", Maps, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}""", "application/json", 400 },
            {
                "POST",
                Maps + "?dryRun=some",
                """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}""",
                "application/json",
                400
            },
            {
                "POST",
                "/api/v1/namespaces/nowhere/configmaps",
                """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}""",
                "application/json",
                404
            },
            {
                "POST",
                "/api/v1/namespaces/default/secrets",
                """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"data":{"a":"%%%"}}""",
                "application/json",
                400
            },
            {
                "POST",
                "/apis/apps/v1/namespaces/default/deployments",
                """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"}}""",
                "application/json",
                422
            },
            {
                "POST",
                "/apis/apps/v1/namespaces/default/deployments",
                """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":"3"}}""",
                "application/json",
                400
            },
            { "GET", Maps + "/none", null, "application/json", 404 },
            { "GET", "/api/v1/namespaces/default/nonsense", null, "application/json", 404 },
            { "GET", "/apis/no.such.group/v1/things", null, "application/json", 404 },
            { "GET", "/api/v1/namespaces//pods", null, "application/json", 404 },
            { "GET", Maps + "?labelSelector=a%20in%20(", null, "application/json", 400 },
            { "GET", Maps + "?fieldSelector=spec.nope%3Dx", null, "application/json", 400 },
            { "GET", Maps + "?continue=%25%25", null, "application/json", 400 },
            { "GET", Maps + "?resourceVersion=abc", null, "application/json", 400 },
            { "PUT", Maps, "{}", "application/json", 405 },
            { "POST", Maps + "/x", "{}", "application/json", 405 },
            { "PATCH", Maps + "/kube-root-ca.crt", "[]", Merge, 400 },
            { "PATCH", Maps + "/kube-root-ca.crt", "{}", "application/json", 415 },
            { "PATCH", Maps + "/kube-root-ca.crt", """{"metadata":null}""", Merge, 200 },
            { "PATCH", Maps + "/kube-root-ca.crt", """{"data":"text"}""", Merge, 400 },
            {
                "PATCH",
                Maps + "/kube-root-ca.crt",
                """[{"op":"test","path":"/data/none","value":1}]""",
                "application/json-patch+json",
                422
            },
            { "PATCH", Maps + "/kube-root-ca.crt", """[{"op":"remove","path":""}]""", "application/json-patch+json", 422 },
            {
                "PATCH",
                Maps + "/kube-root-ca.crt",
                """{"metadata":{"managedFields":[{}],"name":"kube-root-ca.crt"}}""",
                "application/apply-patch+yaml",
                422
            },
            { "DELETE", Maps + "/kube-root-ca.crt", """{"propagationPolicy":"Sideways"}""", "application/json", 422 },
        };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_ThatIsWrong_GetsAStatus(string method, string path, string? body, string type, int expected)
    {
        var (code, answer) = await sandbox.SendTextAsync(new HttpMethod(method), path, body, type);
        Assert.True((int)code == expected, $"{(int)code}: {answer.ToJsonString()}");
        if (expected >= 400)
        {
            Assert.Equal("Status", (string)answer["kind"]!);
            Assert.Equal(expected, (int)answer["code"]!);
            Assert.DoesNotContain("   at ", answer.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Request_WithoutOrWithWrongToken_IsUnauthorized()
    {
        foreach (var token in new[] { null, "wrong" })
        {
            using var client = sandbox.Client(token);
            using var response = await client.GetAsync(Maps);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task Body_TooDeepOrTooLarge_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"a":""", 5000)) + "1" + new string('}', 5000);
        Assert.Equal(HttpStatusCode.BadRequest, (await sandbox.SendTextAsync(HttpMethod.Post, Maps, deep)).Code);
        var yaml = new string('[', 5000) + new string(']', 5000);
        Assert.Equal(HttpStatusCode.BadRequest, (await sandbox.SendTextAsync(HttpMethod.Post, Maps, yaml, "application/yaml")).Code);
        var bomb =
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + string.Concat("bcdefgh".Zip("abcdefg", (n, l) => $"{n}: &{n} [*{l},*{l},*{l},*{l},*{l},*{l},*{l},*{l},*{l},*{l}]\n"));
        Assert.Equal(HttpStatusCode.BadRequest, (await sandbox.SendTextAsync(HttpMethod.Post, Maps, bomb, "application/yaml")).Code);
        var large = ApiSandbox.ConfigMap("large", ("a", new string('x', 4 * 1024 * 1024)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await sandbox.SendAsync(HttpMethod.Post, Maps, large)).Code);
    }

    [Fact]
    public async Task Update_OfAnOldVersion_IsConflict()
    {
        var (_, item) = await sandbox.SendAsync(HttpMethod.Post, Maps, ApiSandbox.ConfigMap("raced", ("a", "1")));
        await sandbox.SendTextAsync(HttpMethod.Patch, Maps + "/raced", """{"data":{"a":"2"}}""", Merge);
        item["data"]!["a"] = "3";
        var (code, status) = await sandbox.SendAsync(HttpMethod.Put, Maps + "/raced", item);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("Conflict", (string)status["reason"]!);
    }

    [Fact]
    public async Task Faults_AsOrdered_HitAndPass()
    {
        var order = new JsonObject
        {
            ["mode"] = "500",
            ["count"] = 1,
            ["pathPrefix"] = "/api/v1/nodes",
        };
        Assert.Equal(HttpStatusCode.OK, (await sandbox.SendAsync(HttpMethod.Post, "/sandbox/faults", order)).Code);
        Assert.Equal(HttpStatusCode.InternalServerError, (await sandbox.SendAsync(HttpMethod.Get, "/api/v1/nodes")).Code);
        Assert.Equal(HttpStatusCode.OK, (await sandbox.SendAsync(HttpMethod.Get, "/api/v1/nodes")).Code);
    }
}
