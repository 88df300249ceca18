namespace Portkey.Portal.Sandbox.Objects;

/// <summary>One line of `kubectl describe pod`.</summary>
internal sealed record NodeEvent(string Type, string Reason, string Message, string? FieldPath = null)
{
    public static NodeEvent Normal(string reason, string message, string? path = null) => new("Normal", reason, message, path);

    public static NodeEvent Warning(string reason, string message, string? path = null) => new("Warning", reason, message, path);
}
