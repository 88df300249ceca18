using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace Portkey.Portal.Components.Tests.Components.Shared;

/// <summary>What every component here may ask for.</summary>
public abstract class PageTest : BunitContext
{
    protected const string Hostile = "<img src=x onerror=alert(1)> {{ .Values }}";

    protected PageTest()
    {
        Services.AddSingleton(TimeProvider.System);
        JSInterop.Mode = JSRuntimeMode.Loose;
    }
}
