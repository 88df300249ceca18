using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Catalog;

/// <summary>Charts that would do in the cluster what no preview shows: what the portal names, shows and refuses of them.</summary>
public sealed class AttackChartTests(PortalHost host) : IClassFixture<PortalHost>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Register_ChartWithDefinitionsOfKinds_Is400()
    {
        Write(
            "1.0.11",
            "crds/unseen.yaml",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: unseens.example.com}\n"
        );
        var problem = await (await RegisterAsync("1.0.11")).ProblemAsync(400, "invalid");
        Assert.Contains("crds", problem["errors"]!["location"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "1.0.12",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: everything}}\n",
        "ClusterRole everything"
    )]
    [InlineData("1.0.13", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: elsewhere, namespace: kube-system}\n", "ConfigMap elsewhere")]
    public async Task Register_ChartWithObjectsOutsideItsNamespace_Is400AndNamesThem(string version, string template, string named)
    {
        Write(version, "templates/outside.yaml", template);
        var problem = await (await RegisterAsync(version)).ProblemAsync(400, "invalid");
        Assert.Contains(named, problem["errors"]!["location"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_ChartThatDependsOnTheCluster_NamesIt_AndItsHooksAreInThePreview()
    {
        Write(
            "1.0.14",
            "templates/attack.yaml",
            """
            {{- if lookup "v1" "Namespace" "" .Release.Namespace }}
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: taken-over}
            {{- end }}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: before, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: before-hook-creation}}
            data: {made: {{ randAlphaNum 8 | quote }}}
            """
        );
        var chart = await (await RegisterAsync("1.0.14")).NodeAsync();
        var dependsOn = string.Join("; ", chart["dependsOn"]!.AsArray().Select(d => (string)d!));
        Assert.Contains("lookup (templates/attack.yaml)", dependsOn, StringComparison.Ordinal);
        Assert.Contains("randAlphaNum (templates/attack.yaml", dependsOn, StringComparison.Ordinal);

        using var lead = await host.ClientAsync("lead-payments");
        var asked = PortalHost.Create("hooked");
        asked["chartVersion"] = "1.0.14";
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(asked))).NodeAsync();
        var preview = await (await lead.GetAsync($"/api/v1/requests/{(string)made["id"]!}/preview")).NodeAsync();
        var hook = Assert.Single(preview["hooks"]!.AsArray())!;
        Assert.Equal(("ConfigMap", "before", -5), ((string)hook["kind"]!, (string)hook["name"]!, (int)hook["weight"]!));
        Assert.Equal(["pre-install", "pre-upgrade"], hook["events"]!.AsArray().Select(e => (string)e!));
        Assert.DoesNotContain("ClusterRoleBinding", preview.ToJsonString(), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private async Task<HttpResponseMessage> RegisterAsync(string version)
    {
        using var admin = await host.ClientAsync("admin-1");
        return await admin.PostAsync(
            "/api/v1/charts",
            HttpText.Json(
                new JsonObject
                {
                    ["source"] = "directory",
                    ["location"] = folder.Path,
                    ["version"] = version,
                    ["edition"] = "oss",
                }
            )
        );
    }

    // Our own chart, and one file more.
    private void Write(string version, string name, string text)
    {
        ChartCopy.Write(folder.Path, version);
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Combine(name))!);
        File.WriteAllText(folder.Combine(name), text);
    }
}
