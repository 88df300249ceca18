using Portkey.Portal.Sandbox.Kubelet.Runtime;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>Node.js of an image, with the arguments of the container: a real process, whose termination message is a file of the
/// container's own.</summary>
internal static class NodeScript
{
    public static IRunningContainer Start(ContainerStart start)
    {
        string[] arguments =
        [
            "--require",
            Path.Combine(AppContext.BaseDirectory, "Kubelet", "termination-log.cjs"),
            .. start.Arguments.Skip(1),
        ];
        return ChildProcess.Start(
            "node",
            arguments,
            start,
            new Dictionary<string, string>
            {
                ["SANDBOX_TERMINATION_PATH"] = start.Container.Text("terminationMessagePath") ?? TerminationMessage.DefaultPath,
                ["SANDBOX_TERMINATION_FILE"] = TerminationMessage.FileOf(start.WorkFolder),
            }
        );
    }
}
