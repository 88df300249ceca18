namespace Portkey.Portal.Web.Features.SignIn;

/// <summary>The personas of Development, with what each is for.</summary>
internal sealed record PersonaCard(string Id, string Role, string Sentence)
{
    public static readonly PersonaCard[] All =
    [
        new("lead-payments", "Lead of team payments", "Asks for gateways of team payments and looks after them. Sees no other team."),
        new("lead-search", "Lead of team search", "Asks for gateways of team search and looks after them. Sees no other team."),
        new("admin-1", "Administrator", "Sees everything, approves or rejects requests, registers charts and clusters."),
        new("admin-2", "Administrator", "A second pair of eyes: approves what admin-1 asked for."),
        new("auditor", "Auditor", "Reads everything and verifies the history. Changes nothing."),
        new("admin-lead", "Administrator and lead of team payments", "May ask and approve, but never approve their own request."),
    ];
}
