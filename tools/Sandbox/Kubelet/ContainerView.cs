using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>The state of a container as its pod's status shows it. The JSON inside is never written to again.</summary>
internal sealed record ContainerView(string Name, string Image)
{
    public bool Ready { get; init; }

    public bool Started { get; init; }

    public int RestartCount { get; init; }

    public string ImageId { get; init; } = "";

    public string? ContainerId { get; init; }

    public JsonObject State { get; init; } = Waiting("ContainerCreating");

    public JsonObject? LastState { get; init; }

    public bool Running => State.ContainsKey("running");

    public int? ExitCode => State.Int("terminated", "exitCode");

    public static JsonObject Waiting(string reason, string? message = null)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }

    public static JsonObject RunningSince(DateTimeOffset start) => new() { ["running"] = new JsonObject { ["startedAt"] = start.Stamp() } };

    public static JsonObject Terminated(
        int exitCode,
        string reason,
        DateTimeOffset start,
        DateTimeOffset end,
        string? containerId,
        string? message = null
    )
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = reason,
            ["startedAt"] = start.Stamp(),
            ["finishedAt"] = end.Stamp(),
            ["containerID"] = containerId,
        };
        if (message is not null)
        {
            terminated["message"] = message;
        }

        return new() { ["terminated"] = terminated };
    }

    public JsonObject ToJson() =>
        new()
        {
            ["name"] = Name,
            ["image"] = Image,
            ["imageID"] = ImageId,
            ["containerID"] = ContainerId,
            ["ready"] = Ready,
            ["started"] = Started,
            ["restartCount"] = RestartCount,
            ["state"] = State.DeepClone(),
            ["lastState"] = LastState?.DeepClone() ?? new JsonObject(),
        };

    /// <summary>
    /// The state from which a container of the last sandbox run continues. A process cannot outlive the sandbox, so one that ran
    /// then counts as ended, with the code a kubelet gives after its machine went down.
    /// </summary>
    public static ContainerView Resume(string name, string image, JsonObject? known)
    {
        var fresh = new ContainerView(name, image);
        if (known?.Text("containerID") is not { } id)
        {
            return fresh with { RestartCount = known?.Int("restartCount") ?? 0 };
        }

        var ended = known.Dig("state", "terminated") is JsonObject terminated
            ? new JsonObject { ["terminated"] = terminated.DeepClone() }
            : Terminated(
                255,
                "Unknown",
                known.Time("state", "running", "startedAt") ?? DateTimeOffset.UnixEpoch,
                TimeProvider.System.GetUtcNow(),
                id
            );
        return fresh with { RestartCount = (known.Int("restartCount") ?? 0) + 1, LastState = ended };
    }
}
