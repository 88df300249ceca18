namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Synthetic streams while an operation replaces pods, section <c>Portal:StreamProbe</c>.</summary>
public sealed class StreamProbeOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:StreamProbe";

    /// <summary>
    /// Address below which a model provider answers <c>POST /chat/completions</c> as OpenAI does, as seen from the gateway's pods, and
    /// costs nothing; such as <c>http://echo.internal:8080/v1</c>. Empty, the default: no streams are sent.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>Streams that are open at any time, 1 to 100.</summary>
    public int Concurrent { get; set; } = 4;

    /// <summary>Streams of one operation that may be cut; with more, it fails and rolls back.</summary>
    public int MostCut { get; set; }

    /// <summary>Seconds that open streams may take to end, once pods are replaced.</summary>
    public int EndSeconds { get; set; } = 30;
}
