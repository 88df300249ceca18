using MudBlazor;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Says what was done, where nothing else on the page shows it. MudBlazor's snackbar is read aloud as well.</summary>
internal sealed class Toasts(ISnackbar snackbar)
{
    public void Done(string text) => snackbar.Add(text, MudBlazor.Severity.Success);

    /// <summary>How MudBlazor shows them: briefly, one below another, and still.</summary>
    public static void Configure(SnackbarConfiguration snackbar)
    {
        snackbar.PositionClass = Defaults.Classes.Position.BottomLeft;
        snackbar.MaxDisplayedSnackbars = 3;
        snackbar.VisibleStateDuration = 6000;
        snackbar.ShowTransitionDuration = 100;
        snackbar.HideTransitionDuration = 100;
        snackbar.SnackbarVariant = Variant.Outlined;
    }
}
