using System.Text;
using MudBlazor;

namespace Portkey.Portal.Web.Components.Layout;

/// <summary>
/// Every colour of the product, for MudBlazor and for our own style sheet alike. Both schemes are written into the page, so that the
/// browser can choose before the first paint.
/// </summary>
internal static class PortalTheme
{
    private sealed record Tokens(
        string Background,
        string Surface,
        string Sunken,
        string Line,
        string LineStrong,
        string Text,
        string Muted,
        string Accent,
        string OnAccent,
        string AccentSoft,
        string Ok,
        string OkSoft,
        string Info,
        string InfoSoft,
        string Warn,
        string WarnSoft,
        string Bad,
        string BadSoft,
        string Unknown,
        string UnknownSoft
    );

    private static readonly Tokens Light = new(
        "#F6F8F8",
        "#FFFFFF",
        "#EEF2F2",
        "#DCE3E2",
        "#84918F",
        "#14201F",
        "#4C5B59",
        "#0F766E",
        "#FFFFFF",
        "#DFF1EE",
        "#15683B",
        "#E2F4E9",
        "#1D4ED8",
        "#E6EDFD",
        "#8A4B08",
        "#FCF0DC",
        "#B42318",
        "#FDE9E7",
        "#4B5966",
        "#EBEFF2"
    );

    private static readonly Tokens Dark = new(
        "#0D1413",
        "#141D1C",
        "#1B2625",
        "#2A3837",
        "#6F827F",
        "#E5EDEC",
        "#A3B4B1",
        "#2DD4BF",
        "#04211D",
        "#123532",
        "#4ADE80",
        "#12301F",
        "#7FB2FF",
        "#16263F",
        "#FBBF24",
        "#35290F",
        "#FF8A80",
        "#3B1A18",
        "#A9B6C3",
        "#222D36"
    );

    /// <summary>The theme as MudBlazor wants it.</summary>
    public static MudTheme Theme { get; } =
        new()
        {
            PaletteLight = Fill(new PaletteLight(), Light),
            PaletteDark = Fill(new PaletteDark(), Dark),
            LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
            Typography = new Typography
            {
                Default = new DefaultTypography
                {
                    FontFamily = ["Inter", "system-ui", "sans-serif"],
                    FontSize = "14px",
                    LineHeight = "20px",
                },
                Button = new ButtonTypography
                {
                    FontSize = "14px",
                    FontWeight = "500",
                    TextTransform = "none",
                    LetterSpacing = "0",
                },
            },
        };

    /// <summary>Our style sheet's variables for both schemes, as CSS.</summary>
    public static string Css { get; } = Block("html", "light", Light) + Block("html[data-theme=dark]", "dark", Dark);

    private static T Fill<T>(T palette, Tokens t)
        where T : Palette
    {
        palette.Primary = t.Accent;
        palette.PrimaryContrastText = t.OnAccent;
        palette.Background = t.Background;
        palette.Surface = t.Surface;
        palette.TextPrimary = t.Text;
        palette.TextSecondary = t.Muted;
        palette.ActionDefault = t.Muted;
        palette.LinesDefault = t.Line;
        palette.LinesInputs = t.LineStrong;
        palette.Divider = t.Line;
        palette.Success = t.Ok;
        palette.Info = t.Info;
        palette.Warning = t.Warn;
        palette.Error = t.Bad;
        palette.ErrorContrastText = t.Surface;
        return palette;
    }

    private static string Block(string selector, string scheme, Tokens t)
    {
        var css = new StringBuilder().Append(selector).Append("{color-scheme:").Append(scheme).Append(';');
        foreach (var property in typeof(Tokens).GetProperties())
        {
            css.Append("--").Append(Kebab(property.Name)).Append(':').Append(property.GetValue(t)).Append(';');
        }

        return css.Append('}').ToString();
    }

    private static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
