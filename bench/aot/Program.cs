// The smallest app with the proxy in it, for figures about how it starts.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddHeadroomProxy();

var app = builder.Build();
app.MapHeadroomRoutes();
app.Run();
