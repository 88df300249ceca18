using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

public sealed class JobTests(NodeSandbox sandbox) : IClassFixture<NodeSandbox>
{
    [Fact]
    public async Task Job_ThatEnds_LeavesItsTerminationMessage_AndGoesWhenItsTimeIsOver()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(
            ResourceTypes.Jobs,
            Job(ns, "says", 2, 60, """["-e", "require('node:fs').writeFileSync('/dev/termination-log', 'm'.repeat(5000))"]""")
        );

        await sandbox.Until(ResourceTypes.Jobs, ns, "says", j => Holds(j, "Complete"), "it is complete");
        var ended = sandbox.Pods(ns).Single().Items("status", "containerStatuses").Single();
        Assert.Equal(new string('m', 4096), ended.Text("state", "terminated", "message")); // a kubelet keeps no more
        Assert.Equal(0, ended.Int("state", "terminated", "exitCode"));
        await NodeSandbox.Until(
            () => sandbox.Store.Peek(ResourceTypes.Jobs, ns, "says") is null && sandbox.Pods(ns).Count == 0 ? "gone" : null,
            "Job and pod are gone"
        );
    }

    [Fact]
    public async Task Job_ThatTakesTooLong_FailsByItsDeadline_AndItsPodGoes()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Jobs, Job(ns, "hangs", 600, 1, """["-e", "setInterval(() => {}, 1000)"]"""));

        var job = await sandbox.Until(ResourceTypes.Jobs, ns, "hangs", j => Holds(j, "Failed"), "it failed");
        Assert.Contains(job.Items("status", "conditions"), c => c.Text("reason") == "DeadlineExceeded");
        await NodeSandbox.Until(() => sandbox.Pods(ns).Count == 0 ? "gone" : null, "its pod is gone");
    }

    private static bool Holds(JsonObject job, string condition) =>
        job.Items("status", "conditions").Any(c => c.Text("type") == condition && c.Text("status") == "True");

    private static JsonObject Job(string ns, string name, int ttl, int deadline, string arguments) =>
        (JsonObject)
            JsonNode.Parse(
                $$"""
                {
                  "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "{{name}}", "namespace": "{{ns}}" },
                  "spec": {
                    "backoffLimit": 0, "parallelism": 1, "completions": 1, "ttlSecondsAfterFinished": {{ttl}}, "activeDeadlineSeconds": {{deadline}},
                    "template": { "spec": { "restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [{ "name": "one", "image": "portkeyai/gateway:latest", "command": ["node"], "args": {{arguments}} }] } }
                  }
                }
                """
            )!;
}
