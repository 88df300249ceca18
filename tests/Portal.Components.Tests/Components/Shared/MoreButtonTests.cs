using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class MoreButtonTests : PageTest
{
    [Theory]
    [InlineData(null, 0)]
    [InlineData("cursor", 1)]
    public void Button_AtTheEnd_IsGone(string? next, int buttons) =>
        Assert.Equal(
            buttons,
            Render<MoreButton>(p => p.Add(m => m.Next, next).Add(m => m.OnMore, EventCallback.Empty)).FindAll("button").Count
        );
}
