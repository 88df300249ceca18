namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>State of this process's seals.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Seals">Number of the newest one; 0 for none.</param>
/// <param name="SealedAt">UTC time of the newest one.</param>
/// <param name="Problems">Why history does not agree with them; empty when it does.</param>
/// <param name="Failure">Why none could be written; empty when they could.</param>
public sealed record SealStatus(string Folder, long Seals, DateTime? SealedAt, IReadOnlyList<string> Problems, string Failure);
