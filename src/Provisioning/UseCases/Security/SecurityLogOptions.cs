namespace Portkey.Portal.Provisioning.UseCases.Security;

/// <summary>Section <c>Portal:SecurityLog</c>.</summary>
public sealed class SecurityLogOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:SecurityLog";

    /// <summary>Rows that are kept; the oldest go first.</summary>
    public int MaxRows { get; set; } = 100_000;

    /// <summary>New rows that one process writes in a second at most; what goes beyond is counted.</summary>
    public int RowsPerSecond { get; set; } = 50;
}
