FROM node:24-slim AS build
WORKDIR /heddle
COPY . .
# Installs what package-lock.json says, and compiles.
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /heddle
COPY --from=build /heddle /heddle
USER node
EXPOSE 4400
ENTRYPOINT ["node", "dist/apps/heddle/main.js"]
