namespace Portkey.Portal.Web.Auth;

/// <summary>The made-up people of Development mode. Their roles and teams are in the database, seeded at the first start.</summary>
internal static class Personas
{
    public static readonly IReadOnlyList<string> All = ["lead-payments", "lead-search", "admin-1", "admin-2", "auditor", "admin-lead"];
}
