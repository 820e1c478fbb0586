// The reference of the API, from its OpenAPI file. A token that is entered stays in this tab.
window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  // The badge would ask a service of another host.
  validatorUrl: null,
});
