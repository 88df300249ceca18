using k8s;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Install, look, upgrade, roll back, remove: with the real Helm and the real gateway.</summary>
public sealed class GatewayLifeTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private readonly RolloutWatcher watcher = new(new PodDiagnostics());
    private readonly HealthInspector inspector = new(TimeProvider.System);

    [Fact]
    public async Task Install_OfTheOpenSourceGateway_IsHealthyAndAnswers()
    {
        var (ns, id) = await engine.NamespaceAsync("life");
        Assert.Null(await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default));
        Assert.Empty(await engine.Helm.HistoryAsync(engine.Connection, EngineFixture.Release, ns, default));

        await engine.InstallAsync(ns, EngineFixture.Values());
        var lines = new List<string>();
        var result = await watcher.WaitAsync(engine.Connection, ns, EngineFixture.Release, l => { lines.Add(l); return Task.CompletedTask; }, TimeSpan.FromSeconds(90), default);
        Assert.True(result.Succeeded, $"{result.Code} {result.Message} {string.Join('\n', result.Events)} {string.Join('\n', result.LogTail)}");
        Assert.Contains(lines, l => l.EndsWith("ready", StringComparison.Ordinal));

        var seen = (await inspector.ObserveClusterAsync(engine.Connection, default))[id];
        var service = seen.GatewayService!;
        var probe = await new GatewayProbe().ProbeAsync(engine.Connection, ns, service.Name, service.Ports[0].Port, GatewayProbe.PathOf(Edition.Oss), default);
        var (status, reason) = HealthVerdict.Judge(seen, probe);
        Assert.True(status == HealthStatus.Healthy, reason);
        Assert.All(seen.GatewayPods, p => Assert.NotEmpty(p.Zone));

        await engine.InstallAsync(ns, EngineFixture.Values());
        Assert.Equal(2, (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.Revision);
        await engine.Helm.RollbackAsync(engine.Connection, EngineFixture.Release, ns, 1, default);
        Assert.Equal(3, (await engine.Helm.HistoryAsync(engine.Connection, EngineFixture.Release, ns, default)).Count);

        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        Assert.DoesNotContain(id, (await inspector.ObserveClusterAsync(engine.Connection, default)).Keys);
    }

    [Fact]
    public async Task Wait_ForAnImageThatDoesNotExist_FailsWithinSecondsAndSaysWhy()
    {
        var (ns, _) = await engine.NamespaceAsync("no-image");
        await engine.InstallAsync(ns, EngineFixture.Values(tag: "does-not-exist"));
        var result = await watcher.WaitAsync(engine.Connection, ns, EngineFixture.Release, _ => Task.CompletedTask, TimeSpan.FromSeconds(60), default);
        Assert.False(result.Succeeded);
        Assert.Equal("image-pull", result.Code);
        Assert.NotEmpty(result.Events);
    }

    [Theory]
    [InlineData(250)]
    [InlineData(450)]
    [InlineData(600)]
    public async Task RecoverPending_AfterHelmWasKilledInTheMiddle_LetsTheNextInstallPass(int milliseconds)
    {
        var (ns, _) = await engine.NamespaceAsync($"killed-{milliseconds}");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var run = engine.InstallAsync(ns, EngineFixture.Values());
            await Task.Delay(milliseconds);
            KillHelm(ns);
            try
            {
                await run;
            }
            catch (HelmException problem)
            {
                Assert.Equal(HelmFailure.Killed, problem.Failure);
            }

            await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default);
            await engine.InstallAsync(ns, EngineFixture.Values());
            Assert.Equal("deployed", (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.State);
        }
    }

    [Fact]
    public async Task RecoverPending_OfALockedFirstInstallAndALockedUpgrade_FreesThem()
    {
        var (ns, _) = await engine.NamespaceAsync("locked");

        // Helm is caught while it holds the lock: its work in this namespace takes a while.
        await engine.Sandbox.FaultAsync("slow", milliseconds: 300, pathPrefix: $"/apis/apps/v1/namespaces/{ns}/");
        foreach (var word in (string[])["pending-install", "pending-upgrade"])
        {
            var run = engine.InstallAsync(ns, EngineFixture.Values());
            while ((await engine.Connection.Client.CoreV1.ListNamespacedSecretAsync(ns, labelSelector: $"owner=helm,status={word}")).Items.Count == 0)
            {
                await Task.Delay(1);
            }

            KillHelm(ns);
            await Assert.ThrowsAsync<HelmException>(() => run);
            Assert.Equal(word, (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.State);
            Assert.Equal(HelmFailure.OperationInProgress, (await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(ns, EngineFixture.Values()))).Failure);

            Assert.True(await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default));
            Assert.False(await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default));
            await engine.InstallAsync(ns, EngineFixture.Values());
            Assert.Equal("deployed", (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.State);
        }

        await engine.Sandbox.FaultAsync("none");
    }

    [Fact]
    public async Task Install_WhenCancelled_LetsHelmEndItself_AndLeavesNoLock()
    {
        var (ns, _) = await engine.NamespaceAsync("cancelled");
        using var cancel = new CancellationTokenSource();
        var run = engine.InstallAsync(ns, EngineFixture.Values(), cancel.Token);
        while ((await engine.Connection.Client.CoreV1.ListNamespacedSecretAsync(ns, labelSelector: "owner=helm")).Items.Count == 0)
        {
            await Task.Delay(1);
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False((await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))?.IsPending);
    }

    // kill -9 on the process that the runner noted, as an operator or the kernel would.
    private void KillHelm(string ns)
    {
        var mark = Path.Combine(engine.DataFolder, "helm", "run", $"sandbox.{ns}.{EngineFixture.Release}.pid");
        if (File.Exists(mark))
        {
            using var process = System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadAllText(mark).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
            process.Kill();
        }
    }
}
