/** The one query of the public graphql-gateways-benchmark: four levels deep, through all four subgraphs and back. */
const query = `
    fragment User on User {
      id
      username
      name
    }

    fragment Review on Review {
      id
      body
    }

    fragment Product on Product {
      inStock
      name
      price
      shippingEstimate
      upc
      weight
    }

    query TestQuery {
      users {
        ...User
        reviews {
          ...Review
          product {
            ...Product
            reviews {
              ...Review
              author {
                ...User
                reviews {
                  ...Review
                  product {
                    ...Product
                  }
                }
              }
            }
          }
        }
      }
      topProducts {
        ...Product
        reviews {
          ...Review
          author {
            ...User
            reviews {
              ...Review
              product {
                ...Product
              }
            }
          }
        }
      }
    }
  `;

export const largeQuery = {
  id: "large-query",
  title: "One large query",
  text: "the query of the public graphql-gateways-benchmark, the same in every request",
  connections: 50,
  bodies: () => [JSON.stringify({ query })],
};
