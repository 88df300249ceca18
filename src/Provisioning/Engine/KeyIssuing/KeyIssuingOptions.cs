namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>How providers are reached, section <c>Portal:KeyIssuing</c>.</summary>
public sealed class KeyIssuingOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:KeyIssuing";

    /// <summary>Azure's management API; another one for a national cloud.</summary>
    public string ManagementEndpoint { get; set; } = "https://management.azure.com";

    /// <summary>Seconds that one use of a provider may take, retries included.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Seconds between looks for credentials that are due.</summary>
    public int ScheduleSeconds { get; set; } = 60;

    /// <summary>Time for one use of a provider.</summary>
    internal TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    internal static bool IsEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));
}
