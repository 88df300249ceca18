namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>Says while typing what a name must look like. The service has the last word.</summary>
internal static class NameRule
{
    public const int Longest = 40;

    public static string? WhatIsWrong(string name)
    {
        if (name.Length == 0)
        {
            return "Give it a name.";
        }

        if (name.Length > Longest)
        {
            return $"It has {name.Length} characters; at most {Longest} are allowed.";
        }

        if (!char.IsAsciiLetterLower(name[0]))
        {
            return "Start with a lower-case letter.";
        }

        if (name.FirstOrDefault(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') is var bad && bad != default)
        {
            return bad == ' '
                ? "A space is not allowed; use a hyphen."
                : $"'{bad}' is not allowed: use lower-case letters, digits and hyphens.";
        }

        return name[^1] == '-' ? "End with a letter or a digit." : null;
    }
}
