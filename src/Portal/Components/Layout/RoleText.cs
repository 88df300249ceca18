using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Web.Components.Layout;

/// <summary>Someone's roles in words.</summary>
internal static class RoleText
{
    public static string Of(Access access)
    {
        var words = new List<string>();
        if (access.IsAdministrator)
        {
            words.Add("Administrator");
        }

        if (access.IsAuditor)
        {
            words.Add("Auditor");
        }

        words.AddRange(access.Teams.Select(t => "Team " + t.DisplayName));
        return words.Count == 0 ? "No role yet: ask an administrator to add you to a team" : string.Join(" · ", words);
    }
}
